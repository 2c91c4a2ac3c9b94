//! What the demo's company sells: two sellers, and a catalogue like that of the seed (A121, A182).

use super::office::{DOMAIN, Desk, Office, request_id};
use anyhow::Result;
use chrono::NaiveDate;
use proto::{
    google::r#type as wire,
    invoicing::v1::{
        CreatePriceRequest, CreateProductRequest, CreateSellerRequest, Metric, Price, Product,
        Seller, SellerAccount, TaxRegime,
        metric::Counting,
        product::{Activation, Alignment, Fulfilment, Kind as Sort, TaxGround},
        products_client::ProductsClient,
        sellers_client::SellersClient,
        tax_regime::Kind,
    },
};
use std::collections::BTreeMap;
use types::invented::Company;

/// Which of the two sellers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum House {
    /// Cloud and telephony, with VAT.
    Cloud,
    /// Machines and works, without VAT.
    Works,
}

/// A seller as it was made.
#[derive(Debug, Clone)]
pub struct SellerOf {
    /// Format: sellers/{seller}
    pub name: String,
    /// Requisites and account.
    pub company: Company,
}

/// Sellers, and products by code.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The sellers.
    pub sellers: BTreeMap<House, SellerOf>,
    products: BTreeMap<&'static str, String>,
}

impl Catalogue {
    /// Resource name of a product.
    #[must_use]
    pub fn product(&self, code: &str) -> String {
        self.products.get(code).cloned().unwrap_or_default()
    }

    /// Resource name of a seller.
    #[must_use]
    pub fn seller(&self, house: House) -> String {
        self.sellers.get(&house).map(|seller| seller.name.clone()).unwrap_or_default()
    }
}

/// A line of the catalogue.
struct Item {
    house: House,
    code: &'static str,
    title: (&'static str, &'static str),
    unit: (&'static str, &'static str),
    /// What the quantity counts; empty for what is sold singly.
    option: (&'static str, &'static str),
    /// What a technician's ticket calls it; empty where nothing is to be done by hand.
    resource: &'static str,
    factor: i32,
    ground: TaxGround,
    /// Months of a cycle (0: once) and price.
    prices: &'static [(i32, &'static str)],
    /// What programs count: code, titles, how, and how much is included.
    metrics: &'static [(&'static str, &'static str, &'static str, Counting, i64)],
}

/// What most items have.
const PLAIN: Item = Item {
    house: House::Cloud,
    code: "",
    title: ("", ""),
    unit: ("шт", "pc"),
    option: ("", ""),
    resource: "",
    factor: 0,
    ground: TaxGround::Standard,
    prices: &[],
    metrics: &[],
};

const ITEMS: [Item; 20] = [
    Item {
        code: "users",
        title: ("Доступ пользователя «Стандарт»", "User access “Standard”"),
        unit: ("пользователь", "user"),
        option: ("Пользователь", "User"),
        resource: "терминальные пользователи",
        prices: &[(1, "800.00"), (3, "2400.00"), (6, "4800.00"), (12, "9600.00")],
        ..PLAIN
    },
    Item {
        code: "licences",
        title: ("Пакет лицензий учётной программы, аренда", "Accounting licence pack, rent"),
        option: ("Лицензия", "Licence"),
        prices: &[(1, "450.00"), (3, "1350.00"), (6, "2700.00"), (12, "5400.00")],
        ..PLAIN
    },
    Item {
        code: "hotel",
        title: ("Программа «Портье 8 ПРОФ», аренда", "“Porter 8 PRO” program, rent"),
        ground: TaxGround::SoftwareRegister,
        prices: &[(1, "1900.00"), (3, "5700.00"), (6, "11400.00"), (12, "22800.00")],
        ..PLAIN
    },
    Item {
        code: "disk5",
        title: ("Пакет дискового пространства 5 ГБ", "Disk pack 5 GB"),
        option: ("Пакет 5 ГБ", "Pack of 5 GB"),
        resource: "дисковое пространство",
        factor: 5,
        prices: &[(1, "60.00")],
        ..PLAIN
    },
    Item {
        code: "disk15",
        title: ("Пакет дискового пространства 15 ГБ", "Disk pack 15 GB"),
        option: ("Пакет 15 ГБ", "Pack of 15 GB"),
        resource: "дисковое пространство",
        factor: 15,
        prices: &[(1, "150.00")],
        ..PLAIN
    },
    Item {
        code: "reports",
        title: ("Отчётность через интернет, тариф «Полный»", "Online reporting, “Full”"),
        prices: &[(12, "900.00")],
        ..PLAIN
    },
    Item {
        code: "domain",
        title: ("Домен в зоне .example", "Domain in .example"),
        unit: ("домен", "domain"),
        option: ("Домен", "Domain"),
        prices: &[(12, "890.00")],
        ..PLAIN
    },
    Item {
        code: "backup",
        title: ("Резервное копирование вне площадки", "Off-site backup"),
        prices: &[(1, "190.00"), (3, "570.00"), (6, "1140.00"), (12, "2280.00")],
        ..PLAIN
    },
    Item {
        code: "manager",
        title: ("Персональный менеджер", "Personal manager"),
        prices: &[(0, "0.00")],
        ..PLAIN
    },
    Item {
        code: "sip",
        title: ("Телефонная линия SIP", "SIP line"),
        unit: ("линия", "line"),
        option: ("Линия", "Line"),
        resource: "телефонные линии",
        prices: &[(1, "350.00"), (3, "1050.00"), (12, "4200.00")],
        ..PLAIN
    },
    Item {
        code: "number",
        title: ("Городской номер", "City number"),
        unit: ("номер", "number"),
        option: ("Номер", "Number"),
        prices: &[(1, "250.00"), (3, "750.00"), (12, "3000.00")],
        ..PLAIN
    },
    Item {
        code: "minutes",
        title: ("Пакет 1000 минут", "Pack of 1000 minutes"),
        option: ("Пакет", "Pack"),
        prices: &[(1, "990.00"), (3, "2970.00"), (12, "11880.00")],
        ..PLAIN
    },
    Item {
        code: "shop",
        title: ("Тариф «Магазин»", "Tariff “Shop”"),
        prices: &[(1, "2900.00")],
        metrics: &[
            ("goods", "Товары", "Goods", Counting::Level, 1000),
            ("orders", "Заказы в месяце", "Orders of the month", Counting::Month, 500),
        ],
        ..PLAIN
    },
    Item {
        code: "shop-orders",
        title: ("Тариф «Магазин»: тысяча заказов", "Tariff “Shop”: thousand orders"),
        unit: ("тыс. заказов", "thousand orders"),
        option: ("Тысяча заказов", "Thousand orders"),
        prices: &[(1, "340.00")],
        ..PLAIN
    },
    Item {
        code: "shop-tills",
        title: ("Тариф «Магазин»: касса", "Tariff “Shop”: till"),
        unit: ("касса", "till"),
        option: ("Касса", "Till"),
        prices: &[(1, "490.00")],
        ..PLAIN
    },
    Item {
        house: House::Works,
        code: "server",
        title: ("Аренда сервера", "Server rent"),
        option: ("Сервер", "Server"),
        prices: &[(1, "7500.00"), (3, "22500.00")],
        ..PLAIN
    },
    Item {
        house: House::Works,
        code: "terminal",
        title: ("Аренда терминала", "Terminal rent"),
        option: ("Терминал", "Terminal"),
        prices: &[(1, "650.00"), (3, "1950.00")],
        ..PLAIN
    },
    Item {
        house: House::Works,
        code: "hour",
        title: ("Час работы администратора", "Hour of administrator’s work"),
        unit: ("час", "hour"),
        option: ("Час", "Hour"),
        prices: &[(0, "5900.00")],
        ..PLAIN
    },
    Item {
        house: House::Works,
        code: "setup",
        title: ("Перенос базы и настройка", "Moving a database and setting up"),
        prices: &[(0, "18000.00")],
        ..PLAIN
    },
    Item {
        house: House::Works,
        code: "lesson",
        title: ("Обучение сотрудников", "Training of staff"),
        unit: ("занятие", "lesson"),
        option: ("Занятие", "Lesson"),
        prices: &[(0, "3500.00")],
        ..PLAIN
    },
];

/// Makes sellers and products; prices hold from a day on.
///
/// # Errors
/// When a part of it is refused.
pub async fn make(office: &Office, since: NaiveDate) -> Result<Catalogue> {
    let mut sellers = BTreeMap::new();
    for (house, n, title, regime, signatory) in [
        (House::Cloud, 1, "ООО «Облачный причал»", Kind::General, "Директор Причалова М. А."),
        (House::Works, 2, "ООО «Причал Сервис»", Kind::Simplified, "Директор Швартов К. К."),
    ] {
        let company = Company { name: title.into(), ..Company::number(n) };
        let name = seller(office, &company, regime, signatory, since).await?;
        sellers.insert(house, SellerOf { name, company });
    }
    let mut catalogue = Catalogue { sellers, products: BTreeMap::new() };
    for item in &ITEMS {
        let name = product(office, &catalogue.seller(item.house), item, since).await?;
        catalogue.products.insert(item.code, name);
    }
    Ok(catalogue)
}

async fn seller(
    office: &Office,
    company: &Company,
    regime: Kind,
    signatory: &str,
    since: NaiveDate,
) -> Result<String> {
    let seller = Seller {
        title: company.name.clone(),
        country: "RU".into(),
        tax_id: company.inn.clone(),
        kpp: company.kpp.clone(),
        ogrn: company.ogrn.clone(),
        address: "990001, г. Примерск, Портовая наб., д. 7".into(),
        currency: "RUB".into(),
        tax_regimes: vec![TaxRegime { from: Some(since.into()), kind: regime.into() }],
        account: Some(SellerAccount {
            account: company.account.clone(),
            bic: company.bic.clone(),
            correspondent_account: company.correspondent_account.clone(),
            bank: BANK.into(),
        }),
        signatory: signatory.into(),
        ..Default::default()
    };
    let request = CreateSellerRequest { seller: Some(seller), request_id: request_id() };
    let mut sellers = SellersClient::new(office.at(Desk::Accountant, "invoicing"));
    Ok(sellers.create_seller(request).await?.into_inner().name)
}

/// Where everybody has accounts.
pub const BANK: &str = "Банк «Пример»";

async fn product(office: &Office, seller: &str, item: &Item, since: NaiveDate) -> Result<String> {
    let yearly = matches!(item.code, "reports" | "domain");
    let sort = if item.code == "domain" { Sort::Domain } else { Sort::Service };
    let works = !item.resource.is_empty();
    // What is paid for afterwards works at once.
    let rented = matches!(item.code, "server" | "terminal");
    let metrics = item.metrics.iter().map(|(code, ru, en, counting, included)| Metric {
        code: (*code).into(),
        title: (*ru).into(),
        title_en: (*en).into(),
        counting: (*counting).into(),
        included: *included,
    });
    let product = Product {
        code: item.code.into(),
        title: item.title.0.into(),
        title_en: item.title.1.into(),
        unit: item.unit.0.into(),
        unit_en: item.unit.1.into(),
        option: item.option.0.into(),
        option_en: item.option.1.into(),
        resource: item.resource.into(),
        factor: item.factor,
        seller: seller.into(),
        tax_ground: item.ground.into(),
        metrics: metrics.collect(),
        kind: sort.into(),
        accounting_code: format!("00-{}", item.code),
        activation: if rented { Activation::OnAccept } else { Activation::OnPayment }.into(),
        fulfilment: if works { Fulfilment::WorkOnPayment } else { Fulfilment::NoWork }.into(),
        alignment: if yearly { Alignment::Anniversary } else { Alignment::Calendar }.into(),
        ..Default::default()
    };
    let mut products = ProductsClient::new(office.at(Desk::Accountant, "invoicing"));
    let request = CreateProductRequest { product: Some(product), request_id: request_id() };
    let name = products.create_product(request).await?.into_inner().name;
    for (months, price) in item.prices {
        reprice(office, &name, *months, price, since).await?;
    }
    Ok(name)
}

/// Gives a product a price from a day on; 0 months is once, at price 0 free.
///
/// # Errors
/// When it is refused.
pub async fn reprice(
    office: &Office,
    product: &str,
    months: i32,
    price: &str,
    from: NaiveDate,
) -> Result<()> {
    let price = Price {
        product: product.into(),
        from: Some(from.into()),
        cycle_months: months,
        one_time: months == 0 && price != "0.00",
        unit_price: Some(wire::Decimal { value: price.into() }),
        currency: "RUB".into(),
        ..Default::default()
    };
    let request = CreatePriceRequest { price: Some(price), request_id: request_id() };
    let mut products = ProductsClient::new(office.at(Desk::Accountant, "invoicing"));
    products.create_price(request).await?;
    Ok(())
}

/// Address of a mailbox of the company.
#[must_use]
pub fn mailbox(name: &str) -> String {
    format!("{name}@{DOMAIN}")
}
