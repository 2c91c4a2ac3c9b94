//! What is sold: two sellers, and the products of the seed's catalogue (A121, A182).

use super::done;
use crate::{
    Suite,
    money::{date, decimal},
    request_id,
};
use proto::invoicing::v1::{
    CreatePriceRequest, CreateProductRequest, CreateSellerRequest, Price, Product, Seller,
    SellerAccount, TaxRegime,
    product::{Activation, Fulfilment, TaxGround},
    products_client::ProductsClient,
    sellers_client::SellersClient,
    tax_regime,
};
use testkit::Company;

/// Prices of the catalogue hold from here on.
const SINCE: &str = "2019-01-01";

/// A seller and its requisites.
#[derive(Debug, Clone)]
pub struct SellerOf {
    /// Format: sellers/{seller}
    pub name: String,
    /// Its requisites and account.
    pub company: Company,
}

/// Two sellers and what each sells.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// Sells hosting, with VAT.
    pub hosting: SellerOf,
    /// Sells works, without VAT.
    pub works: SellerOf,
    /// Access for a user: 800.00 a month; a technician is told when the invoice is issued.
    pub users: Product,
    /// Licence pack: 450.00 a month.
    pub licences: Product,
    /// Pack of 5 GB: 60.00 a month; a technician is told when the invoice is paid.
    pub disk: Product,
    /// Hour of an administrator: 5900.00 once; of the other seller.
    pub hour: Product,
}

impl Suite {
    /// Makes the catalogue of the seed.
    ///
    /// # Panics
    /// When a part of it is refused.
    pub async fn catalogue(&self) -> Catalogue {
        let hosting = self.seller(1, tax_regime::Kind::General).await;
        let works = self.seller(2, tax_regime::Kind::Simplified).await;
        let users = Product {
            title: "Доступ на 1 пользователя".into(),
            unit: "пользователь".into(),
            option: "Пользователь".into(),
            resource: "терминальные пользователи".into(),
            fulfilment: Fulfilment::WorkOnIssue.into(),
            ..product("users", &hosting)
        };
        let licences = Product {
            title: "Пакет лицензий".into(), ..product("licences", &hosting)
        };
        let disk = Product {
            title: "Пакет 5 ГБ".into(),
            family: "disk".into(),
            resource: "дисковое пространство".into(),
            factor: 5,
            fulfilment: Fulfilment::WorkOnPayment.into(),
            ..product("disk", &hosting)
        };
        let hour = Product {
            title: "Час администрирования".into(),
            unit: "час".into(),
            ..product("hour", &works)
        };
        let monthly = [(1, "800.00"), (3, "2400.00"), (6, "4800.00")];
        let users = self.product(users, &monthly).await;
        let monthly = [(1, "450.00"), (3, "1350.00"), (6, "2700.00")];
        let licences = self.product(licences, &monthly).await;
        let disk = self.product(disk, &[(1, "60.00")]).await;
        let hour = self.product(hour, &[(0, "5900.00")]).await;
        Catalogue { hosting, works, users, licences, disk, hour }
    }

    /// Makes a seller of an invented company.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn seller(&self, n: u32, regime: tax_regime::Kind) -> SellerOf {
        let company = Company::number(n);
        let seller = Seller {
            title: company.name.clone(),
            country: "RU".into(),
            tax_id: company.inn.clone(),
            kpp: company.kpp.clone(),
            ogrn: company.ogrn.clone(),
            address: "г. Примерск, ул. Образцовая, д. 1".into(),
            currency: "RUB".into(),
            tax_regimes: vec![TaxRegime { from: Some(date(SINCE)), kind: regime.into() }],
            account: Some(SellerAccount {
                account: company.account.clone(),
                bic: company.bic.clone(),
                correspondent_account: company.correspondent_account.clone(),
                bank: "Банк «Пример»".into(),
            }),
            signatory: "Директор Образцов О. О.".into(),
            ..Default::default()
        };
        let request = CreateSellerRequest { seller: Some(seller), request_id: request_id() };
        let made = done(SellersClient::new(self.admin.clone()).create_seller(request).await);
        SellerOf { name: made.name, company }
    }

    /// Makes a product with a price for each cycle of so many months; 0 for what is charged once.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn product(&self, product: Product, prices: &[(i32, &str)]) -> Product {
        let mut products = ProductsClient::new(self.admin.clone());
        let request = CreateProductRequest { product: Some(product), request_id: request_id() };
        let made = done(products.create_product(request).await);
        for (months, price) in prices {
            let price = Price {
                product: made.name.clone(),
                from: Some(date(SINCE)),
                cycle_months: *months,
                one_time: *months == 0,
                unit_price: Some(decimal(price)),
                currency: "RUB".into(),
                ..Default::default()
            };
            let request = CreatePriceRequest { price: Some(price), request_id: request_id() };
            done(products.create_price(request).await);
        }
        made
    }
}

fn product(code: &str, seller: &SellerOf) -> Product {
    Product {
        code: code.into(),
        seller: seller.name.clone(),
        tax_ground: TaxGround::Standard.into(),
        activation: Activation::OnPayment.into(),
        accounting_code: format!("00-{code}"),
        ..Default::default()
    }
}
