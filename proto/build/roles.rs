//! Every method says who may call it: a contract that forgets it does not compile.

use prost_reflect::{DescriptorPool, MethodDescriptor, Value};

/// Full names of our methods that declare no role, or an unspecified one.
pub fn undeclared(pool: &DescriptorPool) -> Vec<String> {
    let roles = pool.get_extension_by_name("raschet.system.v1.roles");
    let declares = |method: &MethodDescriptor| {
        let Some(roles) = &roles else { return false };
        match method.options().get_extension(roles).as_ref() {
            Value::List(list) => {
                let mut numbers = list.iter().map(Value::as_enum_number);
                !list.is_empty() && numbers.all(|role| role.is_some_and(|role| role > 0))
            }
            _ => false,
        }
    };
    pool.services()
        .filter(|service| service.package_name().starts_with("raschet."))
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .filter(|method| !declares(method))
        .map(|method| method.full_name().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_types::{
        DescriptorProto, FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto,
    };

    /// Issue 3, §4: a method that declares nothing fails the build.
    #[test]
    fn a_method_that_declares_nothing_is_found() {
        let mut pool = DescriptorPool::decode(crate::DESCRIPTORS).unwrap();
        assert_eq!(undeclared(&pool), [""; 0], "or this crate would not have been built");
        let method = MethodDescriptorProto {
            name: Some("Forget".into()),
            input_type: Some(".raschet.forgotten.v1.Nothing".into()),
            output_type: Some(".raschet.forgotten.v1.Nothing".into()),
            ..Default::default()
        };
        let service =
            ServiceDescriptorProto { name: Some("S".into()), method: vec![method], options: None };
        let file = FileDescriptorProto {
            name: Some("raschet/forgotten/v1/forgotten.proto".into()),
            package: Some("raschet.forgotten.v1".into()),
            syntax: Some("proto3".into()),
            message_type: vec![DescriptorProto {
                name: Some("Nothing".into()),
                ..Default::default()
            }],
            service: vec![service],
            ..Default::default()
        };
        pool.add_file_descriptor_proto(file).unwrap();
        assert_eq!(undeclared(&pool), ["raschet.forgotten.v1.S.Forget"]);
    }
}
