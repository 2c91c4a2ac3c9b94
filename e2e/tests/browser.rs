//! The screens in a real browser (issue 4, §5): `raschet up --demo` with three months of history,
//! and `web/browser/*.test.ts` walking through it in Debian's Chromium.
//!
//! `RASCHET_PICTURES=dir` keeps a picture of each screen. Against a demo that runs already:
//! `RASCHET=http://127.0.0.1:8080 RASCHET_DEMO=demo/demo.json npm run browser` in `web/`. The
//! programs must be built: `cargo build --workspace --all-targets`; `make web` installs the rest.

use serde_json::Value;
use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use uuid::Uuid;

/// Months of the demo's history.
const MONTHS: &str = "3";

/// A demo in a directory of its own, which goes with it.
struct Demo {
    dir: PathBuf,
    child: Child,
    /// What it said when it was up.
    said: Value,
}

impl Demo {
    fn start() -> Self {
        let name = format!("raschet-demo-{}", Uuid::new_v4().simple());
        let dir = std::env::temp_dir().join(&name[..24]);
        fs::create_dir(&dir).unwrap();
        let test = std::env::current_exe().unwrap();
        let program = test.parent().and_then(Path::parent).unwrap().join("raschet");
        let mut child = Command::new(program)
            .args(["--json", "up", "--demo", "--demo-months", MONTHS])
            .args(["--listen", "127.0.0.1:0", "--data", "demo"])
            .current_dir(&dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(dir.join("up.log")).unwrap())
            .spawn()
            .expect("cargo build --workspace --all-targets makes the program");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let up = lines.find_map(|line| {
            let said: Value = serde_json::from_str(&line.ok()?).ok()?;
            said["address"].is_string().then_some(said)
        });
        let mut demo = Self { dir, child, said: Value::Null };
        demo.said = up.unwrap_or_else(|| panic!("it does not start:\n{}", demo.log()));
        demo
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.join("up.log")).unwrap_or_default()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Issue 4, §5: staff and customer walk the main job on screen, once by keyboard only, at 390 px,
/// in the dark and in English; axe finds nothing, nobody else is asked, no console error is seen.
#[test]
fn people_work_with_the_screens() {
    let demo = Demo::start();
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let walked = Command::new(home.join("tools/node"))
        .args(["npm", "run", "--silent", "browser"])
        .current_dir(home.join("web"))
        .env("RASCHET", demo.said["address"].as_str().unwrap())
        .env("RASCHET_DEMO", demo.dir.join("demo/demo.json"))
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let told = [walked.stdout, walked.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(walked.status.success(), "{told}\n{}", demo.log());
    eprintln!("{told}");
}
