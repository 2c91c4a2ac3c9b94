//! Everything that lines of an order or of a renewal refer to, read at once.

use crate::{
    domain::{
        billing::{book, history::Timing},
        contracts::{Contract, PaymentTerms},
        orders::OrderLine,
        pricing::TaxTerms,
        products::PriceVersion,
        proration::Convention,
        subscriptions::Subscription,
        tax::Buyer,
    },
    store::{self, products::ProductRow, profiles::Payer, sellers::SellerRow},
};
use service::Failure;
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};
use types::{
    Period,
    id::{ClientId, ContractId, LegalEntityId, ProductId, SellerId, SubscriptionId},
};

/// Contracts, products, prices, sellers, payers and main subscriptions by id.
#[derive(Debug, Default)]
pub struct Terms {
    contracts: HashMap<ContractId, Contract>,
    products: HashMap<ProductId, ProductRow>,
    prices: HashMap<ProductId, Vec<PriceVersion>>,
    sellers: HashMap<SellerId, SellerRow>,
    payers: HashMap<LegalEntityId, Payer>,
    mains: HashMap<SubscriptionId, Subscription>,
    exempt: HashMap<ClientId, Vec<Period>>,
}

impl Terms {
    /// Reads what the lines of orders refer to; what does not exist is left out.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_lines(conn: &mut PgConnection, lines: &[OrderLine]) -> Result<Self, Failure> {
        let contracts: BTreeSet<_> = lines.iter().map(|l| l.contract).collect();
        let products: BTreeSet<_> = lines.iter().map(|l| l.product).collect();
        let mains: BTreeSet<_> = lines.iter().filter_map(|l| l.main).collect();
        Self::read(conn, contracts, products, mains).await
    }

    /// Reads what subscriptions refer to.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_subscriptions<'a>(
        conn: &mut PgConnection,
        subscriptions: impl Iterator<Item = &'a Subscription> + Clone + Send,
    ) -> Result<Self, Failure> {
        let contracts: BTreeSet<_> = subscriptions.clone().map(|s| s.contract).collect();
        let products: BTreeSet<_> = subscriptions.clone().map(|s| s.product).collect();
        let mains: BTreeSet<_> = subscriptions.filter_map(|s| s.main).collect();
        Self::read(conn, contracts, products, mains).await
    }

    /// Reads everything around these contracts, products and main subscriptions.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn read(
        conn: &mut PgConnection,
        contracts: BTreeSet<ContractId>,
        products: BTreeSet<ProductId>,
        mains: BTreeSet<SubscriptionId>,
    ) -> Result<Self, Failure> {
        let ids: Vec<_> = contracts.into_iter().collect();
        let contracts = store::contracts::get_all(conn, &ids).await?;
        let product_ids: Vec<_> = products.into_iter().collect();
        let products = store::products::get_all(conn, &product_ids).await?;
        let mut prices: HashMap<ProductId, Vec<PriceVersion>> = HashMap::new();
        for price in store::products::prices(conn, &product_ids).await? {
            prices.entry(price.product).or_default().push(price);
        }
        let mut sellers: Vec<_> = contracts.iter().map(|c| c.contract.seller).collect();
        sellers.extend(products.iter().map(|p| p.product.seller));
        let sellers = store::sellers::get_all(conn, &sellers).await?;
        let payers: Vec<_> = contracts.iter().map(|c| c.contract.legal_entity).collect();
        let payers = store::profiles::payers(conn, &payers).await?;
        let clients: Vec<_> = contracts.iter().map(|c| c.contract.client).collect();
        let exempt = store::tax_exemptions::days(conn, &clients).await?;
        let mains: Vec<_> = mains.into_iter().collect();
        let mains = store::subscriptions::get_all(conn, &mains).await?;
        Ok(Self {
            contracts: contracts.into_iter().map(|c| (c.contract.id, c.contract)).collect(),
            products: products.into_iter().map(|p| (p.product.id, p)).collect(),
            prices,
            sellers: sellers.into_iter().map(|s| (s.seller.id, s)).collect(),
            payers: payers.into_iter().map(|p| (p.id, p)).collect(),
            mains: mains.into_iter().map(|s| (s.subscription.id, s.subscription)).collect(),
            exempt,
        })
    }

    /// A contract.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub fn contract(&self, id: ContractId) -> Result<&Contract, Failure> {
        self.contracts.get(&id).ok_or_else(|| Failure::not_found(id.to_string()))
    }

    /// A product.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub fn product(&self, id: ProductId) -> Result<&ProductRow, Failure> {
        self.products.get(&id).ok_or_else(|| Failure::not_found(id.to_string()))
    }

    /// The prices of a product.
    #[must_use]
    pub fn prices(&self, id: ProductId) -> &[PriceVersion] {
        self.prices.get(&id).map_or(&[], Vec::as_slice)
    }

    /// A main subscription.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub fn main(&self, id: SubscriptionId) -> Result<&Subscription, Failure> {
        self.mains.get(&id).ok_or_else(|| Failure::not_found(id.to_string()))
    }

    /// The seller of a contract.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub fn seller(&self, id: SellerId) -> Result<&SellerRow, Failure> {
        self.sellers.get(&id).ok_or_else(|| Failure::not_found(id.to_string()))
    }

    /// The payer of a contract.
    ///
    /// # Errors
    /// `FAILED_PRECONDITION` when clients-svc has not told of it yet.
    pub fn payer(&self, id: LegalEntityId) -> Result<&Payer, Failure> {
        self.payers.get(&id).ok_or_else(|| unknown_payer(id))
    }

    /// Who buys under a contract, as far as tax cares.
    ///
    /// # Errors
    /// As [`Self::payer`].
    pub fn buyer(&self, contract: &Contract) -> Result<Buyer, Failure> {
        self.payer(contract.legal_entity)?.buyer()
    }

    /// Days on which whoever buys under a contract is exempt from VAT.
    #[must_use]
    pub fn exempt(&self, contract: &Contract) -> &[Period] {
        self.exempt.get(&contract.client).map_or(&[], Vec::as_slice)
    }

    /// What decides the tax of a subscription's lines.
    ///
    /// # Errors
    /// As [`Self::payer`].
    pub fn tax(&self, subscription: &Subscription) -> Result<TaxTerms<'_>, Failure> {
        self.tax_of(self.contract(subscription.contract)?, subscription.product)
    }

    /// What decides the tax of a line of a product under a contract.
    ///
    /// # Errors
    /// As [`Self::payer`].
    pub fn tax_of(&self, contract: &Contract, product: ProductId) -> Result<TaxTerms<'_>, Failure> {
        let regimes = &self.seller(contract.seller)?.seller.regimes;
        let ground = self.product(product)?.product.ground;
        let exempt = self.exempt(contract);
        Ok(TaxTerms { regimes, ground, buyer: self.buyer(contract)?, exempt })
    }

    /// How parts of a cycle of a subscription are counted.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub fn convention(&self, subscription: &Subscription) -> Result<Convention, Failure> {
        let product = &self.product(subscription.product)?.product;
        let prices = self.prices(subscription.product);
        Ok(book::convention(product, prices, &subscription.price, subscription.start))
    }

    /// When the periods of a subscription are billed.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub fn timing(&self, subscription: &Subscription) -> Result<Timing, Failure> {
        Ok(match self.contract(subscription.contract)?.terms {
            PaymentTerms::Prepaid => Timing::Advance,
            PaymentTerms::Postpaid => Timing::Arrears,
        })
    }
}

fn unknown_payer(id: LegalEntityId) -> Failure {
    let text = service::Text::new(
        "Реквизиты плательщика ещё не получены. Повторите через минуту.",
        "The payer's requisites have not arrived yet. Try again in a minute.",
    );
    Failure::precondition("PAYER_UNKNOWN", text).with("payer", id.to_string())
}
