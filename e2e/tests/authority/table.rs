//! What the contracts declare, and what a listener says that it serves.

use prost::Message;
use prost_reflect::{DescriptorPool, Value};
use prost_types::FileDescriptorProto;
use proto::system::v1::Role;
use std::collections::{BTreeMap, BTreeSet};
use tonic::transport::Channel;
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

/// Roles by path of the method, as the options of the contracts say.
pub type Table = BTreeMap<String, Vec<Role>>;

/// The table of all contracts.
pub fn declared() -> Table {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let roles = pool.get_extension_by_name("raschet.system.v1.roles").unwrap();
    let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    methods
        .map(|method| {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            let Value::List(list) = method.options().get_extension(&roles).into_owned() else {
                panic!("roles are a list");
            };
            let numbers = list.iter().map(|role| role.as_enum_number().unwrap());
            (path, numbers.map(|role| Role::try_from(role).unwrap()).collect())
        })
        .collect()
}

/// The package of a path without `raschet.` and version, such as `invoicing`.
pub fn package(path: &str) -> &str {
    path.strip_prefix("/raschet.").unwrap().split('.').next().unwrap()
}

/// All roles that there are.
pub fn roles() -> Vec<Role> {
    let all: Vec<Role> = (0..100).filter_map(|number| Role::try_from(number).ok()).collect();
    assert!(all.len() > 12, "the roles have holes: {all:?}");
    all
}

/// What the design says about one role and one method (design.md, Authority): an administrator may
/// do what any member of staff may; everybody else what is declared for his role.
pub fn may(role: Role, declared: &[Role]) -> bool {
    let programs = [Role::Unspecified, Role::Public, Role::Service, Role::Customer, Role::Operator];
    let staffs = declared.iter().any(|role| !programs.contains(role));
    declared.contains(&role) || (role == Role::Admin && staffs)
}

/// Paths of the methods of ours that a listener tells of by reflection.
pub async fn reflected(channel: &Channel) -> BTreeSet<String> {
    let mut client = ServerReflectionClient::new(channel.clone());
    let mut paths = BTreeSet::new();
    let list = ask(&mut client, MessageRequest::ListServices(String::new())).await;
    let MessageResponse::ListServicesResponse(list) = list else { panic!("{list:?}") };
    for service in list.service.iter().filter(|s| s.name.starts_with("raschet.")) {
        let file = MessageRequest::FileContainingSymbol(service.name.clone());
        let file = ask(&mut client, file).await;
        let MessageResponse::FileDescriptorResponse(file) = file else { panic!("{file:?}") };
        for bytes in &file.file_descriptor_proto {
            let file = FileDescriptorProto::decode(bytes.as_slice()).unwrap();
            let own = file.service.iter().filter(|s| service.name.ends_with(s.name()));
            let full = |s: &str| format!("{}.{s}", file.package());
            for one in own.filter(|s| full(s.name()) == service.name) {
                paths.extend(one.method.iter().map(|m| format!("/{}/{}", service.name, m.name())));
            }
        }
    }
    paths
}

async fn ask(client: &mut ServerReflectionClient<Channel>, ask: MessageRequest) -> MessageResponse {
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(ask) };
    let answers = client.server_reflection_info(tokio_stream::iter(vec![request])).await;
    let answer = answers.unwrap().into_inner().message().await.unwrap();
    answer.unwrap().message_response.unwrap()
}

/// Beyond the roles that each method names: what the design fixes about whole services.
#[test]
fn the_table_is_as_the_design_says() {
    for (path, roles) in declared() {
        let sessions = path.starts_with("/raschet.gateway.v1.Sessions/");
        let cabinet = path.starts_with("/raschet.gateway.v1.Cabinet/");
        assert_eq!(roles.contains(&Role::Public), sessions, "{path}: open without a session");
        assert_eq!(roles.contains(&Role::Customer), cabinet, "{path}: customers reach the cabinet");
        if sessions || cabinet {
            assert_eq!(roles.len(), 1, "{path} is for {roles:?}");
        }
        if package(&path) == "system" || path.contains("Identities/") {
            assert_eq!(roles, [Role::Service], "{path} is internal");
        }
    }
}
