//! Members of staff, who are clients-svc's.

use proto::clients::v1::{GetStaffMemberRequest, staff_client::StaffClient};
use service::{Failure, Frame, Text, error::is_transient_status};
use tonic::Code;
use types::id::StaffId;

/// Asks clients-svc, before anything begins, whether there is such a member of staff.
///
/// # Errors
/// `INVALID_ARGUMENT` about the field when there is none; `UNAVAILABLE` when nobody answers.
pub async fn known(frame: &Frame, field: &str, staff: StaffId) -> Result<(), Failure> {
    let mut peer = StaffClient::new(frame.peers.channel("clients"));
    let request = GetStaffMemberRequest { name: staff.to_string() };
    match peer.get_staff_member(request).await {
        Ok(_) => Ok(()),
        Err(status) if status.code() == Code::NotFound => Err(Failure::invalid(
            field,
            Text::new("Такого сотрудника нет.", "There is no such member of staff."),
        )),
        Err(status) if is_transient_status(&status) => Err(Failure::unavailable(status)),
        Err(status) => Err(Failure::internal(status)),
    }
}
