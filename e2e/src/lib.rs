//! The whole suite as a test drives it: through the gateway only, as people and programs do.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails, saying what it lacks")]

pub mod audit;
pub mod door;
pub mod money;
pub mod otlp;
pub mod patience;
pub mod processes;
pub mod python;
pub mod steps;
pub mod web;

use chrono::{DateTime, Utc};
use door::{Door, connect};
use patience::Patience;
use processes::Processes;
use proto::{
    clients::v1::{CreateStaffMemberRequest, StaffMember, staff_client::StaffClient},
    gateway::v1::{
        AdvanceClockRequest, ChangePasswordRequest, LoginRequest,
        operations_client::OperationsClient, sessions_client::SessionsClient,
    },
    system::v1::Role,
};
use service::{secrets, telemetry};
use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};
use testkit::{Harness, SmtpSink};
use uuid::Uuid;

/// Login of the first administrator.
pub const ADMIN: &str = "admin@raschet.example";
/// Password of the first administrator, once it is changed.
pub const PASSWORD: &str = "надёжный пароль";

/// Where customers reach the suite, as its letters say.
pub const SITE: &str = "https://billing.example";

/// Where the services run.
enum Home {
    /// In this process.
    Here { harness: Harness, _gateway: gateway::Running },
    /// Each in a process of its own.
    Processes(Processes),
    /// Where the test has them run.
    Elsewhere,
}

/// A suite that runs, its SMTP server, and an administrator who is logged in.
pub struct Suite {
    /// Address of the gateway, such as `http://127.0.0.1:4711`.
    pub address: String,
    /// What the operator's command line authenticates with.
    pub operator_token: String,
    /// The administrator's calls.
    pub admin: Door,
    /// The operator's calls.
    pub operator: Door,
    /// Where letters go.
    pub sink: SmtpSink,
    /// Every so-many-th change is said twice; none with 0.
    repeat_every: AtomicU32,
    /// Changes said so far.
    said: AtomicU32,
    home: Home,
}

impl Suite {
    /// All five in this process, business time standing at `now` (RFC 3339).
    ///
    /// # Panics
    /// When it does not start.
    pub async fn here(now: &str) -> Self {
        Self::here_with(now, |_| ()).await
    }

    /// The same, with other settings of the gateway.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn here_with(now: &str, set: impl FnOnce(&mut gateway::Config)) -> Self {
        tell_what_happens();
        let sink = SmtpSink::start();
        let smtp = format!("smtp://127.0.0.1:{}", sink.port());
        let mut harness = Harness::start::<clients_svc::Service>(now, &[]).await;
        harness.also::<invoicing_svc::Service>(&[]).await;
        harness.also::<payments_svc::Service>(&[]).await;
        harness.also::<tickets_svc::Service>(&["--smtp-url", &smtp, "--public-url", SITE]).await;
        let mut config = gateway::Config {
            listen: "127.0.0.1:0".into(),
            peers: harness.address(),
            secrets: harness.secrets(),
            behind_proxy: false,
            tls_certificate: None,
            tls_key: None,
            // Tests are in more of a hurry than people.
            logins_per_minute: 0,
            calls_per_second: 0,
        };
        set(&mut config);
        let gateway = gateway::start(&config).await.expect("the gateway starts");
        let address = format!("http://{}", gateway.address);
        let token = secrets::text(&config.secrets, "operator.token").expect("operator's token");
        let home = Home::Here { harness, _gateway: gateway };
        Self::log_in(address, token, sink, home).await
    }

    /// Each of the five in a process of its own.
    ///
    /// # Panics
    /// When one does not start.
    pub async fn processes(now: &str) -> Self {
        Self::processes_with(now, &[]).await
    }

    /// The same, with more in their environment.
    ///
    /// # Panics
    /// When one does not start.
    pub async fn processes_with(now: &str, environment: &[(&str, String)]) -> Self {
        let sink = SmtpSink::start();
        let processes = Processes::start(now, sink.port(), environment).await;
        let (address, token) = (processes.address.clone(), processes.operator_token.clone());
        Self::log_in(address, token, sink, Home::Processes(processes)).await
    }

    /// What the test has started itself.
    ///
    /// # Panics
    /// When nobody can be logged in.
    pub async fn elsewhere(address: String, operator_token: String, sink: SmtpSink) -> Self {
        Self::log_in(address, operator_token, sink, Home::Elsewhere).await
    }

    /// Has calls repeated from now on until they are answered.
    #[must_use]
    pub fn patient(mut self, patience: &Patience) -> Self {
        self.admin = self.admin.patient(patience.clone());
        self.operator = self.operator.patient(patience.clone());
        self
    }

    async fn log_in(address: String, token: String, sink: SmtpSink, home: Home) -> Self {
        let operator = connect(&address, &token);
        let mut staff = StaffClient::new(operator.clone());
        let member = StaffMember {
            email: ADMIN.into(),
            display_name: "Администратор".into(),
            roles: vec![Role::Admin.into()],
            ..Default::default()
        };
        let request =
            CreateStaffMemberRequest { staff_member: Some(member), request_id: request_id() };
        let login = staff.create_staff_member(request).await.expect("the first administrator");
        let once = login.into_inner().one_time_password;
        let mut sessions = SessionsClient::new(connect(&address, ""));
        let request = LoginRequest { login: ADMIN.into(), password: once.clone() };
        let session = sessions.login(request).await.expect("logs in once").into_inner();
        assert!(session.must_change_password);
        let admin = connect(&address, &session.token);
        let request = ChangePasswordRequest { old_password: once, new_password: PASSWORD.into() };
        SessionsClient::new(admin.clone())
            .change_password(request)
            .await
            .expect("sets a lasting password");
        let (repeat_every, said) = Default::default();
        Self { address, operator_token: token, admin, operator, sink, repeat_every, said, home }
    }

    /// Calls as whoever has this token; as nobody with an empty one.
    #[must_use]
    pub fn door(&self, token: &str) -> Door {
        connect(&self.address, token)
    }

    /// The services behind the gateway, to reach what no caller reaches.
    ///
    /// # Panics
    /// When they run in processes of their own.
    #[must_use]
    pub fn harness(&self) -> &Harness {
        match &self.home {
            Home::Here { harness, .. } => harness,
            Home::Processes(_) | Home::Elsewhere => {
                panic!("the services run in processes of their own")
            }
        }
    }

    /// Process id of the gateway.
    ///
    /// # Panics
    /// When it runs in this process.
    #[must_use]
    pub fn gateway_pid(&self) -> u32 {
        match &self.home {
            Home::Processes(processes) => processes.gateway(),
            Home::Here { .. } | Home::Elsewhere => panic!("the gateway runs in this process"),
        }
    }

    /// Moves business time; everything that became due is done when it returns.
    ///
    /// # Panics
    /// When that fails.
    pub async fn advance(&self, to: &str) {
        let to: DateTime<Utc> = to.parse().expect("an instant such as 2019-03-01T09:00:00Z");
        let request = AdvanceClockRequest { to: Some(proto::convert::timestamp(to)) };
        let mut operations = OperationsClient::new(self.operator.clone());
        operations.advance_clock(request).await.expect("the clock moves");
    }

    /// Waits until everything that is due is done; business time stands.
    ///
    /// # Panics
    /// When that fails.
    pub async fn settle(&self) {
        self.advance("2000-01-01T00:00:00Z").await;
    }

    /// From now on says every so-many-th change twice, by the same request id: as a program does
    /// that has not heard the answer.
    pub fn repeat_every(&self, changes: u32) {
        self.repeat_every.store(changes, Ordering::Relaxed);
    }

    /// Whether the next change is to be said twice.
    fn repeats(&self) -> bool {
        let said = self.said.fetch_add(1, Ordering::Relaxed);
        let every = self.repeat_every.load(Ordering::Relaxed);
        every > 0 && said.is_multiple_of(every)
    }

    /// Ends what runs in processes of its own.
    pub fn stop(self) {
        if let Home::Processes(processes) = self.home {
            processes.stop();
        }
    }
}

/// With `RUST_LOG` set, the services' log goes to standard error: why a test has failed.
fn tell_what_happens() {
    static GUARD: OnceLock<Option<telemetry::Guard>> = OnceLock::new();
    if std::env::var_os("RUST_LOG").is_some() {
        GUARD.get_or_init(|| telemetry::install("e2e", telemetry::LogFormat::Text, None).ok());
    }
}

/// A fresh request id.
#[must_use]
pub fn request_id() -> String {
    Uuid::new_v4().to_string()
}
