//! Staff: members, their roles, one-time passwords.

use super::{Api, name, passwords::one_time, total};
use crate::{
    domain::{
        clients::Name,
        staff::{StaffFields, StaffMember},
    },
    store::{self, sessions::Holder},
};
use proto::{
    clients::v1::{self as wire, StaffChanged, staff_server::Staff},
    convert::timestamp,
};
use service::{
    Failure, Role, Text, Violations, authority::is_staff, check_etag, etag, feed, idempotency,
    mask::Mask, page, page::Page,
};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::{Clock, email::EmailAddress, id::StaffId};
use uuid::Uuid;

/// Fields that UpdateStaffMember may name in its mask.
const MASK: &[&str] = &["email", "display_name", "roles", "department", "disabled"];

#[tonic::async_trait]
impl Staff for Api {
    async fn get_staff_member(
        &self,
        request: Request<wire::GetStaffMemberRequest>,
    ) -> Result<Response<wire::StaffMember>, Status> {
        let id: StaffId = name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let member = store::staff::get(&mut conn, id).await.map_err(Failure::from)?;
        let member = member.ok_or_else(|| Failure::not_found(id.to_string()))?;
        Ok(Response::new(member.into()))
    }

    async fn list_staff(
        &self,
        request: Request<wire::ListStaffRequest>,
    ) -> Result<Response<wire::ListStaffResponse>, Status> {
        Ok(Response::new(self.members(request.get_ref()).await?))
    }

    async fn create_staff_member(
        &self,
        request: Request<wire::CreateStaffMemberRequest>,
    ) -> Result<Response<wire::StaffLogin>, Status> {
        Ok(Response::new(self.hire(&request).await?))
    }

    async fn update_staff_member(
        &self,
        request: Request<wire::UpdateStaffMemberRequest>,
    ) -> Result<Response<wire::StaffMember>, Status> {
        Ok(Response::new(self.change_member(&request).await?))
    }

    async fn reset_staff_password(
        &self,
        request: Request<wire::ResetStaffPasswordRequest>,
    ) -> Result<Response<wire::StaffLogin>, Status> {
        Ok(Response::new(self.reset(&request).await?))
    }
}

impl Api {
    async fn members(
        &self,
        msg: &wire::ListStaffRequest,
    ) -> Result<wire::ListStaffResponse, Failure> {
        let page: Page<Uuid> = Page::read(msg.page_size, &msg.page_token, &())?;
        let mut conn = self.frame.pool.acquire().await?;
        let rows = store::staff::list(&mut conn, page.after().copied(), page.limit()).await?;
        let count = store::staff::count(&mut conn, page::TOTAL_CAP).await?;
        let (rows, next_page_token) = page.finish(rows, |m| m.id.0);
        Ok(wire::ListStaffResponse {
            staff: rows.into_iter().map(Into::into).collect(),
            next_page_token,
            total_size: total(count),
        })
    }

    async fn hire(
        &self,
        request: &Request<wire::CreateStaffMemberRequest>,
    ) -> Result<wire::StaffLogin, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let fields = parse(&msg.staff_member.clone().unwrap_or_default())?;
        let password = one_time();
        let hash = self.hasher.hash(password.clone()).await?;
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let member = StaffMember { id: StaffId::generate(), fields, revision: 1, created_at: now };
        store::staff::insert(&mut tx, &member, &hash).await.map_err(login_taken)?;
        self.member_changed(&mut tx, member.id, &["created".into()], &actor).await?;
        // The reply holds a password: it is answered once and never stored.
        tx.commit().await?;
        self.frame.wake();
        Ok(wire::StaffLogin { staff_member: Some(member.into()), one_time_password: password })
    }

    async fn change_member(
        &self,
        request: &Request<wire::UpdateStaffMemberRequest>,
    ) -> Result<wire::StaffMember, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let given = msg.staff_member.clone().unwrap_or_default();
        let id: StaffId = name("staff_member.name", &given.name)?;
        let mask = Mask::read(msg.update_mask.as_ref(), MASK)?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let member = locked(&mut tx, id).await?;
        check_etag(&given.etag, member.revision)?;
        let (merged, changed) = merge(member.clone().into(), given, &mask);
        let fields = parse(&merged)?;
        if fields.disabled {
            let at = Clock::system_now();
            store::sessions::close_others(&mut tx, Holder::Staff(id), None, at).await?;
        }
        let member = StaffMember { fields, revision: member.revision + 1, ..member };
        store::staff::update(&mut tx, &member).await.map_err(login_taken)?;
        self.member_changed(&mut tx, id, &changed, &actor).await?;
        let reply = idempotency::finish(&mut tx, key, member.into()).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(reply)
    }

    async fn reset(
        &self,
        request: &Request<wire::ResetStaffPasswordRequest>,
    ) -> Result<wire::StaffLogin, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let id: StaffId = name("name", &msg.name)?;
        let password = one_time();
        let hash = self.hasher.hash(password.clone()).await?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let member = locked(&mut tx, id).await?;
        store::staff::set_password(&mut tx, id, &hash, true).await?;
        let at = Clock::system_now();
        store::sessions::close_others(&mut tx, Holder::Staff(id), None, at).await?;
        self.member_changed(&mut tx, id, &["password".into()], &actor).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(wire::StaffLogin { staff_member: Some(member.into()), one_time_password: password })
    }

    async fn member_changed(
        &self,
        tx: &mut PgConnection,
        id: StaffId,
        fields: &[String],
        actor: &str,
    ) -> Result<(), Failure> {
        let now = self.frame.clock.now();
        store::history::append(tx, &id.to_string(), fields, actor, now).await?;
        feed::append(tx, &self.frame, None, &StaffChanged { staff: id.to_string() }).await?;
        Ok(())
    }
}

async fn locked(conn: &mut PgConnection, id: StaffId) -> Result<StaffMember, Failure> {
    let member = store::staff::lock(conn, id).await?;
    member.ok_or_else(|| Failure::not_found(id.to_string()))
}

fn login_taken(error: sqlx::Error) -> Failure {
    Failure::from(error).on_constraint("staff_email_key", || {
        Failure::exists(
            "LOGIN_TAKEN",
            "staff",
            Text::new(
                "С этим адресом уже входит другой сотрудник.",
                "Another member of staff logs in with this address.",
            ),
        )
    })
}

fn parse(given: &wire::StaffMember) -> Result<StaffFields, Failure> {
    let mut v = Violations::default();
    let email = EmailAddress::parse(&given.email).map_err(|e| Text::of(&e));
    let email = v.take("staff_member.email", email);
    let display = Name::parse(&given.display_name).map_err(|e| Text::of(&e));
    let display_name = v.take("staff_member.display_name", display);
    let department = Name::parse_optional(&given.department).map_err(|e| Text::of(&e));
    let department = v.take("staff_member.department", department);
    let roles = v.take("staff_member.roles", parse_roles(given));
    v.finish()?;
    let fields = || {
        Some(StaffFields {
            email: email?,
            display_name: display_name?,
            roles: roles?,
            department: department?,
            disabled: given.disabled,
        })
    };
    fields().ok_or_else(|| Failure::internal("a field is neither good nor bad"))
}

/// Words of the roles, each once; only roles of people.
fn parse_roles(given: &wire::StaffMember) -> Result<Vec<String>, Text> {
    let mut roles: Vec<Role> = given.roles().collect();
    roles.sort_unstable();
    roles.dedup();
    if roles.is_empty() || roles.len() < given.roles.len() || !roles.iter().all(|r| is_staff(*r)) {
        return Err(Text::new(
            "Выберите роли сотрудника, каждую один раз: например, SALES.",
            "Choose roles of staff, each once: SALES, for example.",
        ));
    }
    Ok(roles.into_iter().map(|r| r.as_str_name().to_owned()).collect())
}

/// The stored member with the fields of the mask taken from the given one, and their names.
fn merge(
    mut stored: wire::StaffMember,
    given: wire::StaffMember,
    mask: &Mask,
) -> (wire::StaffMember, Vec<String>) {
    let mut changed = Vec::new();
    macro_rules! take {
        ($($field:ident: $populated:expr),* $(,)?) => {$(
            if mask.has(stringify!($field), $populated) {
                stored.$field = given.$field;
                changed.push(stringify!($field).to_owned());
            }
        )*};
    }
    take! {
        email: !given.email.is_empty(),
        display_name: !given.display_name.is_empty(),
        roles: !given.roles.is_empty(),
        department: !given.department.is_empty(),
        disabled: given.disabled,
    }
    (stored, changed)
}

impl From<StaffMember> for wire::StaffMember {
    fn from(member: StaffMember) -> Self {
        let f = member.fields;
        let role = |word: &String| Role::from_str_name(word).unwrap_or_default().into();
        Self {
            name: member.id.to_string(),
            email: f.email.as_str().into(),
            display_name: f.display_name.as_str().into(),
            roles: f.roles.iter().map(role).collect(),
            department: f.department.as_str().into(),
            disabled: f.disabled,
            etag: etag(member.revision),
            create_time: Some(timestamp(member.created_at)),
        }
    }
}
