//! Requests of the right form and without sense: every method, by chance, with values at the edges
//! of their types. `RASCHET_SEED=7` plays another life.

use super::NOW;
use super::raw::call;
use e2e::{Suite, door::Door, steps::reason};
use prost::Message;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value,
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use std::env;
use tonic::Code;

/// Requests to each method.
const EACH: usize = 25;
/// Texts that some parser may stumble over. Ids are well-formed and nobody's.
const TEXTS: [&str; 26] = [
    "",
    " ",
    "\0",
    "a\0b",
    "\u{202e}\u{feff}",
    "😀😀😀😀😀😀😀😀",
    "-",
    "'; drop table clients; --",
    "%_\\%",
    "clients/01890000-0000-7000-8000-000000000001",
    "invoices/01890000-0000-7000-8000-000000000001",
    "subscriptions/01890000-0000-7000-8000-000000000001",
    "sellers/01890000-0000-7000-8000-000000000001",
    "contracts/01890000-0000-7000-8000-000000000001",
    "tickets/01890000-0000-7000-8000-000000000001",
    "lines/01890000-0000-7000-8000-000000000001",
    "clients/",
    "/",
    "RUB",
    "79228162514264337593543950335",
    "-0.0000000000000000000000000001",
    "1e308",
    "999999999999999999.99",
    "a@primer.example",
    "7707083893",
    "2019-02-30",
];
const NUMBERS: [i64; 12] =
    [0, 1, -1, 2, 12, 31, 2019, 9999, i32::MAX as i64, i32::MIN as i64, i64::MAX, i64::MIN];
/// What is not tried: it would take a life to step to the year 9999, or end the session.
const NOT: [&str; 2] = ["AdvanceClock", "Logout"];

fn seed() -> u64 {
    env::var("RASCHET_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

/// A message with most of its fields set to something.
fn message(rng: &mut StdRng, descriptor: &MessageDescriptor, depth: u32) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for field in descriptor.fields() {
        if field.is_map() || rng.random_ratio(1, 4) || (depth > 4 && is_message(&field)) {
            continue;
        }
        let value = if field.is_list() {
            let count = rng.random_range(0..3);
            Value::List((0..count).map(|_| value(rng, &field, depth)).collect())
        } else if field.name() == "request_id" && rng.random_ratio(9, 10) {
            Value::String(e2e::request_id())
        } else {
            value(rng, &field, depth)
        };
        message.set_field(&field, value);
    }
    message
}

fn is_message(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::Message(_))
}

#[expect(clippy::cast_possible_truncation, reason = "numbers are cut to their type on purpose")]
fn value(rng: &mut StdRng, field: &FieldDescriptor, depth: u32) -> Value {
    let number = if rng.random_ratio(1, 5) {
        rng.random()
    } else {
        NUMBERS.choose(rng).copied().unwrap_or_default()
    };
    match field.kind() {
        Kind::Message(of) => Value::Message(message(rng, &of, depth + 1)),
        Kind::Enum(of) => {
            let known = of.values().map(|value| value.number()).collect::<Vec<_>>();
            let strange = [-1, 9999, i32::MAX, i32::MIN];
            let all = if rng.random_ratio(3, 4) { &known[..] } else { &strange[..] };
            Value::EnumNumber(all.choose(rng).copied().unwrap_or_default())
        }
        Kind::Bool => Value::Bool(rng.random()),
        Kind::Bytes => {
            let length = rng.random_range(0..200);
            Value::Bytes((0..length).map(|_| rng.random::<u8>()).collect::<Vec<u8>>().into())
        }
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(number as i32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number),
        Kind::String if rng.random_ratio(1, 20) => Value::String("я".repeat(100_000)),
        Kind::String => Value::String((*TEXTS.choose(rng).unwrap()).to_owned()),
        other => panic!("no contract has a {other:?}"),
    }
}

/// No request, however absurd, is a bug of ours: never INTERNAL, UNKNOWN or a lost connection. At
/// the end the books hold and a sensible call is answered.
#[tokio::test]
async fn nonsense_is_told_from_a_bug() {
    let seed = seed();
    let mut rng = StdRng::seed_from_u64(seed);
    let suite = Suite::here(NOW).await;
    let catalogue = suite.catalogue().await;
    let customer = suite.customer(11, &catalogue).await;
    suite.settle().await;
    let cabinet = suite.log_in_as(&customer).await;
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let mut wrong = Vec::new();
    for service in pool.services().filter(|s| s.package_name().starts_with("raschet.")) {
        for method in service.methods().filter(|method| !NOT.contains(&method.name())) {
            let path = format!("/{}/{}", service.full_name(), method.name());
            let door = if service.name() == "Cabinet" { &cabinet } else { &suite.admin };
            for _ in 0..EACH {
                let request = message(&mut rng, &method.input(), 0);
                if let Some(why) = bug(door, &path, &request).await {
                    wrong.push(format!("{path}: {why}\n    {}", short(&request)));
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "RASCHET_SEED={seed}: {}\n{}", wrong.len(), wrong.join("\n"));
    suite.settle().await;
    suite.assert_clean().await;
}

async fn bug(door: &Door, path: &str, request: &DynamicMessage) -> Option<String> {
    let status = call(door, path, request.encode_to_vec(), "en").await.err()?;
    let ours = [Code::Internal, Code::Unknown, Code::DataLoss, Code::Unavailable, Code::Cancelled];
    let expected = reason(&status) == "DEADLINE_EXCEEDED" || !ours.contains(&status.code());
    (!expected).then(|| format!("{:?} {} {}", status.code(), reason(&status), status.message()))
}

fn short(request: &DynamicMessage) -> String {
    let text = format!("{request:?}").replace(&"я".repeat(100), "я…");
    text.chars().take(1500).collect()
}
