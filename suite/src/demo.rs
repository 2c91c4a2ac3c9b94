//! `raschet up --demo`: an invented company that has been at work for two years.
//!
//! Its history is not inserted: a suite whose clock stands two years before today is made to live
//! through it by the calls that people and programs make, and is then started with real time.
//! Nobody gets a letter of it, and documents are rendered when somebody first wants them.
//!
//! | module | what |
//! |---|---|
//! | [`marker`] | what tells a demo's directory from one of real work |
//! | [`office`] | the company's people, and the clock |
//! | [`patient`] | their calls, on a busy machine |
//! | [`catalogue`] | what it sells |
//! | [`people`] | its sixty clients |
//! | [`clients`] | how they begin |
//! | [`months`] | the history |
//! | [`bank`], [`mail`] | payments and letters in it |
//! | [`services`] | what programs count of services, and one that is stopped |
//! | [`plans`] | what staff are to do, and when they meet |
//! | [`today`] | what waits for whoever looks at it |

pub mod bank;
pub mod catalogue;
pub mod chance;
pub mod clients;
pub mod mail;
pub mod marker;
pub mod months;
pub mod office;
pub mod patient;
pub mod people;
pub mod plans;
pub mod quotes;
pub mod services;
pub mod today;

use crate::{
    cli::{ADMIN, Up},
    console::Console,
    first_login::FirstLogin,
    home::Home,
    up::{Suite, url},
};
use anyhow::{Context, Result, bail};
use chrono::{DateTime, Days, Months, Utc};
use marker::{Login, Marker};
use months::History;
use office::{Office, day_of};
use proto::gateway::v1::{ChangePasswordRequest, LoginRequest, sessions_client::SessionsClient};
use serde_json::{Value, json};
use service::{ClockSetting, Locale, Peers, Text, authority::GATEWAY, secrets};
use std::{
    path::{Path, PathBuf},
    time::Instant,
};
use types::Clock;

/// Name of the statement that waits to be imported.
const STATEMENT: &str = "kl_to_1c.txt";

/// A demo that is ready to be started.
#[derive(Debug)]
pub struct Demo {
    /// Who may log in, and since when it is there.
    pub marker: Marker,
    /// A bank statement that nobody has imported yet.
    pub statement: PathBuf,
    _lock: marker::Lock,
}

/// Makes the demo of a directory, unless it is there; sets the directory in the options.
///
/// # Errors
/// When the directory holds something else, is in use, or a step of the history fails.
pub async fn ready(options: &mut Up, console: &Console) -> Result<Demo> {
    if options.settings.tickets.smtp_url.is_some() {
        bail!("a demo sends no letters: leave --smtp-url (RASCHET_SMTP_URL) out");
    }
    if options.database_url.is_some() {
        bail!("a demo keeps a PostgreSQL of its own: leave --database-url out");
    }
    let home = Home::open_demo(options.data.as_deref())?;
    options.data = Some(home.dir().to_path_buf());
    home.refuse_other(true)?;
    let lock = marker::lock(&home)?;
    let statement = home.dir().join(STATEMENT);
    let known = marker::read(&home)?;
    if let Some(marker) = known.as_ref().filter(|marker| marker.made.is_some()) {
        return Ok(Demo { marker: marker.clone(), statement, _lock: lock });
    }
    if known.is_some() {
        console.say(&Text::new(
            "Прошлый раз демо не было доделано: начинаю заново.",
            "The demo was not finished last time: it is begun anew.",
        ));
        marker::clear(&home)?;
    }
    let marker = make(options, &home, &statement, console).await?;
    Ok(Demo { marker, statement, _lock: lock })
}

/// Makes the history.
async fn make(options: &Up, home: &Home, statement: &Path, console: &Console) -> Result<Marker> {
    let end = Clock::system_now();
    let months = options.demo_months;
    let first = day_of(end).checked_sub_months(Months::new(months));
    console.say(&Text::new(
        format!(
            "Готовлю демо: вымышленная компания, {months} мес. истории. Это делается один раз."
        ),
        format!(
            "Making the demo: an invented company, {months} months of history. This is done once."
        ),
    ));
    let (mut marker, began) = (Marker::begin(months), Instant::now());
    marker::write(home, &marker)?;
    let morning = first.and_then(|day| day.and_hms_opt(6, 0, 0));
    let begin = morning.context("the history begins too early")?.and_utc();
    let suite = Suite::start(&making(options, begin)).await?;
    let made = history(&suite, home, &mut marker, (begin, end), statement, console).await;
    let stopped = suite.stop().await;
    made.context("the demo's history cannot be made")?;
    stopped?;
    marker.made = Some(end);
    marker::write(home, &marker)?;
    let seconds = began.elapsed().as_secs();
    console.say(&Text::new(
        format!("Демо готово за {seconds} с."),
        format!("The demo is made, in {seconds} s."),
    ));
    Ok(marker)
}

/// How the suite runs while the history is made: not where people look for it, and mute.
fn making(options: &Up, begin: DateTime<Utc>) -> Up {
    let mut making = options.clone();
    making.listen = "127.0.0.1:0".into();
    if making.admin == ADMIN {
        making.admin = format!("admin@{}", office::DOMAIN);
    }
    (making.tls_certificate, making.tls_key) = (None, None);
    making.clock = ClockSetting::Manual(Some(begin));
    (making.logins_per_minute, making.calls_per_second) = (0, 0);
    making.settings.tickets.withhold = true;
    // The history is invented: nothing comes in from outside while it is made.
    making.settings.tickets.lmtp = None;
    making.settings.tickets.imap_url = None;
    making
}

async fn history(
    suite: &Suite,
    home: &Home,
    marker: &mut Marker,
    (begin, end): (DateTime<Utc>, DateTime<Utc>),
    statement: &Path,
    console: &Console,
) -> Result<()> {
    let first = suite.first_login.as_ref().context("somebody works here already")?;
    let address = url(suite.address);
    lasting(&address, first, &marker.staff.password).await?;
    marker.staff.login.clone_from(&first.login);
    let peers = Peers::new(&home.sockets()?, secrets::signer(&home.secrets(), GATEWAY)?);
    let token = secrets::text(&home.secrets(), "operator.token")?;
    let mut office = Office::open(peers, &address, &token, begin).await?;
    let since = day_of(begin).checked_sub_days(Days::new(31)).unwrap_or(day_of(begin));
    let catalogue = catalogue::make(&office, since).await.context("the catalogue")?;
    mail::mailboxes(&office).await?;
    office.settle().await?;

    let people = people::everybody();
    marker.customer.login = people.first().context("nobody is there")?.email();
    let login = (marker.customer.login.clone(), marker.customer.password.clone());
    let stops = months::stops(begin, end);
    let mut history = History::new(&mut office, &catalogue, people, login);
    history
        .live(&stops, day_of(end), |month, clients, payments| {
            let month = month.format("%m.%Y");
            console.say(&Text::new(
                format!("  {month}: клиентов {clients}, платежей {payments}"),
                format!("  {month}: clients {clients}, payments {payments}"),
            ));
        })
        .await?;
    let mut customers = history.customers;
    today::live(&mut office, &catalogue, &mut customers, end, statement).await
}

/// Gives the first administrator a password that lasts.
async fn lasting(address: &str, first: &FirstLogin, password: &str) -> Result<()> {
    let nobody = crate::remote::connect(address, "", Locale::Ru).await?;
    let request = LoginRequest { login: first.login.clone(), password: first.password.clone() };
    let session = SessionsClient::new(nobody).login(request).await?.into_inner();
    let request = ChangePasswordRequest {
        old_password: first.password.clone(),
        new_password: password.to_owned(),
    };
    let staff = crate::remote::connect(address, &session.token, Locale::Ru).await?;
    SessionsClient::new(staff).change_password(request).await?;
    Ok(())
}

impl Demo {
    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let Marker { staff, customer, made, months } = &self.marker;
        json!({
            "staff": staff, "customer": customer, "statement": self.statement,
            "made": made, "months": months,
        })
    }

    /// Tells who may log in, and what waits.
    pub fn greet(&self, console: &Console) {
        let Marker { staff, customer, made, .. } = &self.marker;
        let days = made.map_or(0, |made| (Clock::system_now() - made).num_days());
        console.say(&Text::new(
            "ЭТО ДЕМО: компания, люди и деньги вымышлены, письма никуда не уходят.",
            "THIS IS A DEMO: company, people and money are invented, letters go nowhere.",
        ));
        for (what, en, Login { login, password }) in
            [("Сотрудник", "Staff", staff), ("Клиент", "Customer", customer)]
        {
            console.say(&Text::new(
                format!("  {what}: {login}  пароль: {password}"),
                format!("  {en}: {login}  password: {password}"),
            ));
        }
        let file = self.statement.display();
        console.say(&Text::new(
            format!("  Выписка, которую ещё не загрузили: {file}"),
            format!("  A bank statement that is not imported yet: {file}"),
        ));
        if days > 1 {
            let dir = self.statement.parent().unwrap_or(Path::new(".")).display();
            console.say(&Text::new(
                format!("  Демо сделано {days} дн. назад; чтобы начать заново, удалите {dir}"),
                format!("  The demo is {days} days old; remove {dir} to begin anew"),
            ));
        }
    }
}
