//! Messages of a given shape, made of whatever bytes: so that fuzzing spends itself on what values
//! mean, not on finding out how protobuf is written.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};
use std::collections::HashMap;

/// Deepest message within messages.
const DEPTH: usize = 5;

/// Texts that stand on the edge of some rule.
const TEXTS: [&str; 40] = [
    "",
    " ",
    "0",
    "-1",
    "1.005",
    "00000000-0000-0000-0000-000000000000",
    "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "clients/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "invoices/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "staff/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "legalEntities/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "contracts/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "sellers/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "products/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "orders/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "subscriptions/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "lines/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "tickets/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "letters/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "RUB",
    "RU",
    "KZ",
    "ru",
    "Europe/Moscow",
    "7700000003",
    "770001001",
    "500100732259",
    "1027700132195",
    "40702810502080001823",
    "044525225",
    "buh@client.example",
    "\"a b\"@xn--e1afmkfd.xn--p1ai",
    "+7 495 000-00-00",
    "99999999999999999999999999999",
    "-79228162514264337593543950335",
    "9999-12-31",
    "№ 88#728156",
    "ёЁ\u{202e}\u{0}\u{feff}",
    "support",
    "{number}",
];

/// Numbers that stand on the edge of some type.
const NUMBERS: [i64; 14] = [
    0,
    1,
    -1,
    2,
    12,
    31,
    100,
    1_000,
    2_026,
    1_000_000_000,
    i32::MAX as i64,
    i32::MIN as i64,
    i64::MAX,
    i64::MIN,
];

/// Bytes that are taken from the front; where they end, all that follows is left out.
pub struct Words<'b> {
    left: &'b [u8],
}

impl<'b> Words<'b> {
    /// Takes from these.
    pub const fn new(bytes: &'b [u8]) -> Self {
        Self { left: bytes }
    }

    /// A message of this shape.
    pub fn message(&mut self, shape: MessageDescriptor) -> DynamicMessage {
        self.nested(shape, 0)
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.left.split_first() else { return 0 };
        self.left = rest;
        *first
    }

    fn nested(&mut self, shape: MessageDescriptor, depth: usize) -> DynamicMessage {
        let mut message = DynamicMessage::new(shape.clone());
        for field in shape.fields() {
            let choice = self.byte();
            // An eighth of the fields is left out, and everything where the bytes end.
            if choice.is_multiple_of(8) || depth > DEPTH {
                continue;
            }
            let value = if field.is_map() {
                Value::Map(HashMap::from([(
                    MapKey::String("a".into()),
                    Value::String(self.text()),
                )]))
            } else if field.is_list() {
                Value::List((0..choice % 4).map(|_| self.one(&field, depth)).collect())
            } else {
                self.one(&field, depth)
            };
            // The contracts have maps of texts only; another one would be left out.
            let _ = message.try_set_field(&field, value);
        }
        message
    }

    fn one(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        match field.kind() {
            Kind::Message(shape) => Value::Message(self.nested(shape, depth + 1)),
            Kind::Enum(values) => {
                let known = values.values().map(|value| value.number()).collect::<Vec<_>>();
                let at = usize::from(self.byte());
                Value::EnumNumber(known.get(at % (known.len() + 1)).copied().unwrap_or(-7))
            }
            Kind::String => Value::String(self.text()),
            Kind::Bytes => Value::Bytes(self.text().into_bytes().into()),
            Kind::Bool => Value::Bool(self.byte() % 2 == 1),
            Kind::Double => Value::F64(f64::from_bits(self.number().cast_unsigned())),
            Kind::Float => Value::F32(f32::from_bits(u32::from(self.byte()) << 24)),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(self.small()),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(self.number()),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(self.small().cast_unsigned()),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(self.number().cast_unsigned()),
        }
    }

    /// One of the numbers above, or a byte.
    fn number(&mut self) -> i64 {
        let choice = self.byte();
        let known = NUMBERS.get(usize::from(choice)).copied();
        known.unwrap_or_else(|| i64::from(self.byte()))
    }

    fn small(&mut self) -> i32 {
        let number = self.number();
        i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX })
    }

    /// One of the texts above, one many times over, or bytes as they come.
    fn text(&mut self) -> String {
        let choice = usize::from(self.byte());
        match choice {
            0..200 => TEXTS[choice % TEXTS.len()].into(),
            200..210 => TEXTS[usize::from(self.byte()) % TEXTS.len()].repeat(choice),
            _ => {
                let length = (choice - 210).min(self.left.len());
                let (text, rest) = self.left.split_at(length);
                self.left = rest;
                String::from_utf8_lossy(text).into_owned()
            }
        }
    }
}
