//! What is sold: a seller with VAT, and three products that are billed by the month.

use crate::door::request_id;
use anyhow::Result;
use proto::{
    google::r#type::{Date, Decimal},
    invoicing::v1::{
        CreatePriceRequest, CreateProductRequest, CreateSellerRequest, Price, Product, Seller,
        SellerAccount, TaxRegime,
        product::{Activation, TaxGround},
        products_client::ProductsClient,
        sellers_client::SellersClient,
        tax_regime,
    },
};
use service::PeerChannel;
use testkit::Company;

/// Code, title and monthly price of what every client takes.
const PRODUCTS: [(&str, &str, &str); 3] = [
    ("users", "Доступ на 1 пользователя", "800.00"),
    ("licences", "Пакет лицензий", "450.00"),
    ("disk", "Пакет 5 ГБ", "60.00"),
];

/// A seller and its products.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// Format: sellers/{seller}
    pub seller: String,
    /// Its requisites and account.
    pub company: Company,
    /// Format: products/{product}
    pub products: Vec<String>,
}

impl Catalogue {
    /// Makes them.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn make(invoicing: &PeerChannel) -> Result<Self> {
        let company = Company::number(1);
        let seller = Some(seller(&company));
        let request = CreateSellerRequest { seller, request_id: request_id() };
        let made = SellersClient::new(invoicing.clone()).create_seller(request).await?;
        let seller = made.into_inner().name;
        let mut products = Vec::new();
        for (code, title, price) in PRODUCTS {
            products.push(product(invoicing, &seller, (code, title), price).await?);
        }
        Ok(Self { seller, company, products })
    }
}

fn seller(company: &Company) -> Seller {
    Seller {
        title: company.name.clone(),
        country: "RU".into(),
        tax_id: company.inn.clone(),
        kpp: company.kpp.clone(),
        ogrn: company.ogrn.clone(),
        address: "г. Примерск, ул. Образцовая, д. 1".into(),
        currency: "RUB".into(),
        tax_regimes: vec![TaxRegime {
            from: Some(first_day(2025)),
            kind: tax_regime::Kind::General.into(),
        }],
        account: Some(SellerAccount {
            account: company.account.clone(),
            bic: company.bic.clone(),
            correspondent_account: company.correspondent_account.clone(),
            bank: "Банк «Пример»".into(),
        }),
        signatory: "Директор Образцов О. О.".into(),
        ..Default::default()
    }
}

async fn product(
    invoicing: &PeerChannel,
    seller: &str,
    (code, title): (&str, &str),
    price: &str,
) -> Result<String> {
    let product = Product {
        code: code.into(),
        title: title.into(),
        seller: seller.into(),
        tax_ground: TaxGround::Standard.into(),
        activation: Activation::OnAccept.into(),
        ..Default::default()
    };
    let mut products = ProductsClient::new(invoicing.clone());
    let request = CreateProductRequest { product: Some(product), request_id: request_id() };
    let product = products.create_product(request).await?.into_inner().name;
    let price = Price {
        product: product.clone(),
        from: Some(first_day(2025)),
        cycle_months: 1,
        unit_price: Some(Decimal { value: price.into() }),
        currency: "RUB".into(),
        ..Default::default()
    };
    let request = CreatePriceRequest { price: Some(price), request_id: request_id() };
    products.create_price(request).await?;
    Ok(product)
}

/// The first of January.
#[must_use]
pub const fn first_day(year: i32) -> Date {
    Date { year, month: 1, day: 1 }
}
