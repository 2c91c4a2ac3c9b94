//! `raschet staff reset-password`: for whoever lost the first login.

use super::request_id;
use crate::{
    cli::{Staff, StaffCommand},
    console::{Console, Outcome},
    remote::Remote,
};
use anyhow::{Result, bail};
use proto::clients::v1::{
    ListStaffRequest, ResetStaffPasswordRequest, StaffMember, staff_client::StaffClient,
};
use serde_json::json;
use service::Text;

/// Gives a member a new password for one login.
///
/// # Errors
/// When the suite cannot be reached, or nobody has that login.
pub async fn run(options: Staff, console: &Console) -> Result<Outcome> {
    let mut client = StaffClient::new(options.server.connect(console).await?);
    let StaffCommand::ResetPassword { email } = options.command;
    let Some(member) = find(&mut client, &email).await? else {
        bail!("nobody works here with the login {email}");
    };
    let request = ResetStaffPasswordRequest { name: member.name, request_id: request_id() };
    let password = client.reset_staff_password(request).await?.into_inner().one_time_password;
    let login = member.email;
    console.say(&Text::new(
        format!("{login}, пароль на один вход: {password}"),
        format!("{login}, password for one login: {password}"),
    ));
    console.json(&json!({ "login": login, "one_time_password": password }));
    Ok(Outcome::Done)
}

async fn find(client: &mut StaffClient<Remote>, email: &str) -> Result<Option<StaffMember>> {
    let mut request = ListStaffRequest { page_size: 1000, ..ListStaffRequest::default() };
    loop {
        let page = client.list_staff(request.clone()).await?.into_inner();
        let found = page.staff.into_iter().find(|one| one.email.eq_ignore_ascii_case(email));
        if found.is_some() || page.next_page_token.is_empty() {
            return Ok(found);
        }
        request.page_token = page.next_page_token;
    }
}
