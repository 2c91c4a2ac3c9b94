//! Who makes the history: staff of the demo's company, each on calls of their own, and the clock.

use super::patient::{PAUSE, Patient, TRIES};
use crate::remote::{self, Remote};
use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proto::{
    clients::v1::{CreateStaffMemberRequest, StaffMember, staff_client::StaffClient},
    convert::timestamp,
    gateway::v1::{AdvanceClockRequest, operations_client::OperationsClient},
};
use service::{Identity, Locale, Peers, Role};
use std::{collections::BTreeMap, time::Duration};
use tonic::Code;
use uuid::Uuid;

/// Longest that a few days of the clock may take.
const DEADLINE: Duration = Duration::from_secs(600);
/// Seconds by which Moscow, whose days are business days, is ahead.
const MOSCOW: i64 = 3 * 3600;

/// A desk of the company, with one person at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Desk {
    /// Finds clients.
    Sales,
    /// Looks after them.
    Care,
    /// Answers letters.
    Support,
    /// Answers letters, too.
    Night,
    /// Carries works out.
    Technician,
    /// Reads the bank.
    Treasury,
    /// Keeps the books and the catalogue.
    Accountant,
}

impl Desk {
    /// Everybody: desk, login, name, department, roles.
    const ALL: [(Self, &'static str, &'static str, &'static str, &'static [Role]); 7] = [
        (Self::Sales, "sales", "Ева Продажная", "sales", &[Role::Sales]),
        (Self::Care, "care", "Тимофей Заботин", "care", &[Role::AccountManager]),
        (Self::Support, "support", "Алиса Ответная", "support", &[Role::Support]),
        (Self::Night, "night", "Матвей Ночной", "support", &[Role::Support]),
        (Self::Technician, "tech", "Савва Отвёрткин", "technicians", &[Role::Technician]),
        (Self::Treasury, "treasury", "Злата Казначеева", "treasury", &[Role::Treasury]),
        (Self::Accountant, "books", "Римма Проводкина", "accounting", &[Role::Accountant]),
    ];
}

/// The company's people at work, and where business time stands.
pub struct Office {
    peers: Peers,
    desks: BTreeMap<Desk, Identity>,
    clock: OperationsClient<Remote>,
    now: DateTime<Utc>,
}

impl Office {
    /// Hires everybody of a suite whose manual clock stands at `now`.
    ///
    /// # Errors
    /// When that is refused.
    pub async fn open(
        peers: Peers,
        url: &str,
        operator_token: &str,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let clock = remote::connect(url, operator_token, Locale::Ru).await?;
        let mut office =
            Self { peers, desks: BTreeMap::new(), clock: OperationsClient::new(clock), now };
        for (desk, login, name, department, roles) in Desk::ALL {
            let member = StaffMember {
                email: format!("{login}@{DOMAIN}"),
                display_name: name.to_owned(),
                department: department.to_owned(),
                roles: roles.iter().map(|role| i32::from(*role)).collect(),
                ..Default::default()
            };
            let request =
                CreateStaffMemberRequest { staff_member: Some(member), request_id: request_id() };
            let mut staff = StaffClient::new(office.operator("clients"));
            let made = staff.create_staff_member(request).await?.into_inner();
            let actor = made.staff_member.context("clients-svc answers with the member")?.name;
            office.desks.insert(desk, Identity { actor, roles: roles.to_vec(), client: None });
        }
        Ok(office)
    }

    /// Calls to a service from a desk.
    #[must_use]
    pub fn at(&self, desk: Desk, service: &str) -> Patient {
        match self.desks.get(&desk) {
            Some(identity) => self.by(identity.clone(), service),
            None => self.operator(service),
        }
    }

    fn by(&self, identity: Identity, service: &str) -> Patient {
        Patient::new(self.peers.channel(service).acting(identity))
    }

    /// Resource name of whoever sits at a desk.
    #[must_use]
    pub fn name(&self, desk: Desk) -> String {
        self.desks.get(&desk).map(|identity| identity.actor.clone()).unwrap_or_default()
    }

    /// Calls to a service by the operator.
    #[must_use]
    pub fn operator(&self, service: &str) -> Patient {
        let roles = vec![Role::Operator];
        self.by(Identity { actor: "operator".into(), roles, client: None }, service)
    }

    /// Where business time stands.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The business day.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        day_of(self.now)
    }

    /// Moves business time; everything that became due is done when it answers. A time in the past
    /// only waits for what is due.
    ///
    /// # Errors
    /// When a service fails.
    pub async fn advance(&mut self, to: DateTime<Utc>) -> Result<()> {
        self.now = self.now.max(to);
        self.settle().await
    }

    /// Lets minutes pass.
    ///
    /// # Errors
    /// When a service fails.
    pub async fn wait(&mut self, minutes: i64) -> Result<()> {
        self.advance(self.now + TimeDelta::minutes(minutes)).await
    }

    /// Waits until everything that is due is done.
    ///
    /// # Errors
    /// When a service fails.
    pub async fn settle(&self) -> Result<()> {
        let mut tries = 1;
        loop {
            let to = AdvanceClockRequest { to: Some(timestamp(self.now)) };
            let mut request = tonic::Request::new(to);
            request.set_timeout(DEADLINE);
            match self.clock.clone().advance_clock(request).await {
                Err(status) if status.code() == Code::Unavailable && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                answer => return Ok(answer.map(|_| ())?),
            }
        }
    }
}

/// Domain of the demo's company.
pub const DOMAIN: &str = "prichal.example";

/// The business day of an instant.
#[must_use]
pub fn day_of(instant: DateTime<Utc>) -> NaiveDate {
    (instant + TimeDelta::seconds(MOSCOW)).date_naive()
}

/// A fresh request id.
#[must_use]
pub fn request_id() -> String {
    Uuid::new_v4().to_string()
}
