//! Programs of `e2e/python`, in an environment with what `requirements.txt` pins.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Where the programs are.
#[must_use]
pub fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python")
}

/// The interpreter of an environment in the target directory. It is made anew when the pins change;
/// it stands only when it is whole, and one process makes it.
///
/// # Panics
/// When Python or a package cannot be had.
#[must_use]
pub fn interpreter() -> PathBuf {
    let pins = fs::read_to_string(home().join("requirements.txt")).expect("pins");
    // …/target/debug/deps/python-… → …/target/e2e-python
    let here = env::current_exe().expect("this test is a file");
    let target = here.ancestors().nth(3).expect("in target/debug/deps");
    let lock = File::create(target.join("e2e-python.lock")).expect("a lock beside the environment");
    lock.lock().expect("waits for whoever makes it");
    let dir = target.join("e2e-python");
    let (python, stamp) = (dir.join("bin").join("python"), dir.join("installed.txt"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return python;
    }
    let venv = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&dir).output();
    let venv = venv.expect("python3 is missing: apt-get install python3 python3-venv");
    assert!(venv.status.success(), "apt-get install python3-venv\n{}", told(&venv));
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    let pip = Command::new(&python).args(install).arg(home().join("requirements.txt")).output();
    let pip = pip.expect("pip starts");
    assert!(pip.status.success(), "pip could not install grpcio: {}", told(&pip));
    fs::write(stamp, pins).expect("notes what is installed");
    python
}

/// What a program said.
#[must_use]
pub fn told(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}
