//! Compiles the contracts with protox: no `protoc`, no generated code in the repository.

#[path = "build/roles.rs"]
mod roles;

use std::{env, error::Error, fs, path::Path, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = Vec::new();
    collect(Path::new("raschet"), &mut files)?;
    files.sort();
    let mut compiler = protox::Compiler::new(["."])?;
    // Source info carries the comments, into generated code and to reflection.
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    let undeclared = roles::undeclared(&compiler.descriptor_pool());
    if !undeclared.is_empty() {
        return Err(format!(
            "these methods declare no role, so nobody may call them; add `option \
             (raschet.system.v1.roles) = …`: {}",
            undeclared.join(", ")
        )
        .into());
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Encoded by the compiler itself: prost's own types would lose the options that declare roles.
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    let descriptors = compiler.file_descriptor_set();
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    // Equal messages encode alike: request ids are compared by the hash of the body.
    config.btree_map(["."]);
    tonic_prost_build::configure()
        .bytes(".raschet.system.v1.Event.payload")
        .compile_fds_with_config(descriptors, config)?;
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=raschet");
    println!("cargo:rerun-if-changed=google");
    Ok(())
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
