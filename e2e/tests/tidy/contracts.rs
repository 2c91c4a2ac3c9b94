//! The contracts: idempotency, comments, paging, and a file per noun (style.md §4).

use super::ratchet::{Exception, Finding, check};
use super::source;
use prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor,
    MethodDescriptor,
};

/// Methods that change something and take no `request_id`.
const NOT_ONCE: &[Exception] = &[
    ("raschet.gateway.v1.Sessions.Login", "design.md §2: every mutation but login"),
    ("raschet.gateway.v1.Sessions.Logout", "a session that has ended stays ended"),
    ("raschet.gateway.v1.Sessions.ChangePassword", "secrets are not stored, so no reply is kept"),
    ("raschet.gateway.v1.Sessions.SwitchClient", "names the client to act for: twice is once"),
    ("raschet.gateway.v1.Operations.Audit", "reads and compares, changes nothing"),
    ("raschet.gateway.v1.Operations.AdvanceClock", "names the instant to stand at: twice is once"),
    ("raschet.clients.v1.Identities.OpenSession", "the login behind Sessions.Login"),
    ("raschet.clients.v1.Identities.CloseSession", "a session that has ended stays ended"),
    ("raschet.clients.v1.Identities.ChangePassword", "secrets are not stored: no reply is kept"),
    ("raschet.clients.v1.Identities.SwitchSessionClient", "names the client: twice is once"),
];

/// Verbs of methods that change nothing.
const READING: &[&str] =
    &["Get", "BatchGet", "List", "Count", "Search", "Preview", "Follow", "Check", "Download"];

/// Fields whose meaning the AIPs fix; a comment would repeat it.
const SELF_EXPLAINING: &[&str] = &[
    "create_time",
    "update_time",
    "delete_time",
    "expire_time",
    "etag",
    "request_id",
    "page_size",
    "page_token",
    "next_page_token",
    "update_mask",
];

/// Fields without a comment.
const UNCOMMENTED: &[Exception] = &[];

/// Nouns of the contracts whose service has no `api/<noun>.rs`.
const NOUNS_ELSEWHERE: &[Exception] = &[];

fn pool() -> DescriptorPool {
    DescriptorPool::decode(proto::DESCRIPTORS).unwrap()
}

/// Our own files.
fn contracts(pool: &DescriptorPool) -> Vec<FileDescriptor> {
    let ours = |file: &FileDescriptor| file.package_name().starts_with("raschet.");
    let files: Vec<FileDescriptor> = pool.files().filter(ours).collect();
    assert!(files.len() > 10, "only {} contracts; the descriptor set is broken", files.len());
    files
}

fn methods(pool: &DescriptorPool) -> Vec<MethodDescriptor> {
    let services = contracts(pool).into_iter().flat_map(|file| file.services().collect::<Vec<_>>());
    services.flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

fn messages(pool: &DescriptorPool) -> Vec<MessageDescriptor> {
    let mut all = Vec::new();
    let mut waiting: Vec<MessageDescriptor> =
        contracts(pool).iter().flat_map(|file| file.messages().collect::<Vec<_>>()).collect();
    while let Some(message) = waiting.pop() {
        waiting.extend(message.child_messages().filter(|child| !child.is_map_entry()));
        all.push(message);
    }
    all
}

/// What only services call among themselves, and followers read: no people, no request ids.
fn is_internal(package: &str) -> bool {
    package == "raschet.system.v1"
}

#[test]
fn every_mutation_is_done_once() {
    let pool = pool();
    let found: Vec<Finding> = methods(&pool).iter().filter_map(not_once).collect();
    check("each mutating request has a request_id (style.md §4, 9)", &found, NOT_ONCE);
}

fn not_once(method: &MethodDescriptor) -> Option<Finding> {
    let reads = READING.iter().any(|verb| method.name().starts_with(verb));
    let named = |message: &MessageDescriptor| message.get_field_by_name("request_id").is_some();
    // A stream carries it in the header of its first message.
    let header = method.input().get_field_by_name("header").map(|field| field.kind());
    let has = named(&method.input()) || matches!(header, Some(Kind::Message(m)) if named(&m));
    let ours = !is_internal(method.parent_service().package_name());
    (ours && !reads && !has).then(|| Finding::new(method.full_name(), "takes no request_id"))
}

#[test]
fn every_field_is_commented() {
    let pool = pool();
    let fields = messages(&pool).into_iter().flat_map(|m| m.fields().collect::<Vec<_>>());
    let found: Vec<Finding> = fields
        .filter(|field| !SELF_EXPLAINING.contains(&field.name()))
        .filter(|field| !carries_resource(field) && !is_commented(field))
        .map(|field| Finding::new(field.full_name(), "has no comment"))
        .collect();
    check(
        "each field is commented, with format and example (style.md §4, 11)",
        &found,
        UNCOMMENTED,
    );
}

/// A resource in its standard place (AIP-132 to 134), which is commented itself: `invoice` of
/// `CreateInvoiceRequest`, `invoices` of `ListInvoicesResponse`.
fn carries_resource(field: &FieldDescriptor) -> bool {
    let Kind::Message(resource) = field.kind() else { return false };
    let parent = field.parent_message();
    let standard = parent.name().ends_with("Request") || parent.name().ends_with("Response");
    let own_name = shouting(resource.name()).to_lowercase();
    let listed = field.is_list() && parent.name().starts_with("List");
    standard && (field.name() == own_name || listed)
}

fn is_commented(field: &FieldDescriptor) -> bool {
    let file = field.parent_file();
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let locations = info.map(|info| info.location.as_slice()).unwrap_or_default();
    let told = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    locations
        .iter()
        .filter(|location| location.path == field.path())
        .any(|location| told(&location.leading_comments) || told(&location.trailing_comments))
}

#[test]
fn values_are_exact_and_signed() {
    let pool = pool();
    let fields = messages(&pool).into_iter().flat_map(|m| m.fields().collect::<Vec<_>>());
    let bad = |kind: Kind| {
        matches!(
            kind,
            Kind::Float
                | Kind::Double
                | Kind::Uint32
                | Kind::Uint64
                | Kind::Fixed32
                | Kind::Fixed64
        )
    };
    let found: Vec<Finding> = fields
        .filter(|field| bad(field.kind()))
        .map(|field| Finding::new(field.full_name(), "is a float or unsigned"))
        .collect();
    check("no floats, no unsigned integers (style.md §4, 6)", &found, &[]);
}

#[test]
fn lists_page_from_day_one() {
    let pool = pool();
    let found: Vec<Finding> = methods(&pool).iter().flat_map(unpaged).collect();
    check("List takes page_size and page_token, answers next_page_token (§4, 10)", &found, UNPAGED);
}

/// Lists that fit on one page by their nature.
const UNPAGED: &[Exception] = &[
    ("raschet.clients.v1.Identities.ListSessionClients", "a person acts for a handful of clients"),
    ("raschet.gateway.v1.Sessions.ListClients", "a person acts for a handful of clients"),
    ("raschet.invoicing.v1.Metrics.ListMetrics", "a tariff counts a handful of things"),
    ("raschet.gateway.v1.Operations.ListParked", "what is stuck now, over all services at once"),
];

fn unpaged(method: &MethodDescriptor) -> Vec<Finding> {
    if !method.name().starts_with("List") || is_internal(method.parent_service().package_name()) {
        return Vec::new();
    }
    let (input, output) = (method.input(), method.output());
    let wanted = [(&input, "page_size"), (&input, "page_token"), (&output, "next_page_token")];
    wanted
        .into_iter()
        .filter(|(message, field)| message.get_field_by_name(field).is_none())
        .map(|(message, field)| {
            Finding::new(method.full_name(), format!("{} lacks {field}", message.name()))
        })
        .collect()
}

#[test]
fn enums_begin_unspecified() {
    let pool = pool();
    let enums = pool.all_enums().filter(|e| e.package_name().starts_with("raschet."));
    let found: Vec<Finding> = enums.filter_map(|e| specified(&e)).collect();
    check("an enum's zero is <NAME>_UNSPECIFIED (style.md §4, 5)", &found, &[]);
}

fn specified(e: &EnumDescriptor) -> Option<Finding> {
    let zero = e.get_value(0)?;
    let fits = zero.name() == format!("{}_UNSPECIFIED", shouting(e.name()));
    (!fits).then(|| Finding::new(e.full_name(), format!("its zero is {}", zero.name())))
}

/// `PaymentState` as `PAYMENT_STATE`.
fn shouting(name: &str) -> String {
    let mut loud = String::new();
    for (at, c) in name.char_indices() {
        if at > 0 && c.is_uppercase() {
            loud.push('_');
        }
        loud.extend(c.to_uppercase());
    }
    loud
}

/// One noun, one basename (rule 1): `invoices.proto` with a service is served by
/// `invoicing-svc/src/api/invoices.rs`.
#[test]
fn every_noun_has_its_file() {
    let pool = pool();
    let found: Vec<Finding> = contracts(&pool).iter().filter_map(homeless).collect();
    check("one noun, one basename (style.md, rule 1)", &found, NOUNS_ELSEWHERE);
}

fn homeless(file: &FileDescriptor) -> Option<Finding> {
    if file.services().len() == 0 || is_internal(file.package_name()) {
        return None;
    }
    let mut parts = file.package_name().split('.');
    let service = parts.nth(1)?;
    let noun = file.name().rsplit('/').next()?.strip_suffix(".proto")?;
    let home = if service == "gateway" { "gateway".into() } else { format!("{service}-svc") };
    let path = format!("{home}/src/api/{noun}.rs");
    (!source::root().join(&path).exists())
        .then(|| Finding::new(file.name(), format!("{path} does not exist")))
}

#[test]
fn the_checks_find_what_they_look_for() {
    assert_eq!(shouting("PaymentState"), "PAYMENT_STATE");
    let pool = pool();
    let login = methods(&pool).into_iter().find(|m| m.name() == "Login").unwrap();
    assert_eq!(not_once(&login).unwrap().item, "raschet.gateway.v1.Sessions.Login");
    // google.type is vendored with its comments; field_behavior's option has none of ours.
    let money = pool.get_message_by_name("google.type.Money").unwrap();
    assert!(is_commented(&money.get_field_by_name("units").unwrap()));
}
