//! Independent readers of PDFs and QR symbols, run as programs over pipes.

use std::io::Write;
use std::process::{Command, Stdio};

/// Runs a reader on bytes; a reader that is absent or refuses fails the test.
fn run(package: &str, program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; install the package {package}"));
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // A reader that stops early closes the pipe; its exit status tells.
        scope.spawn(move || stdin.write_all(input).ok());
        child.wait_with_output().unwrap()
    });
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} failed: {errors}");
    output.stdout
}

/// Text of a PDF as it is laid out.
pub fn text(pdf: &[u8]) -> String {
    let layout = run("poppler-utils", "pdftotext", &["-layout", "-enc", "UTF-8", "-", "-"], pdf);
    String::from_utf8(layout).unwrap()
}

/// Text of a PDF in the order it was drawn, with every run of white space as one space.
pub fn words(pdf: &[u8]) -> String {
    let raw = run("poppler-utils", "pdftotext", &["-raw", "-enc", "UTF-8", "-", "-"], pdf);
    squeeze(&String::from_utf8(raw).unwrap())
}

/// One space for every run of white space, no invisible places to break.
pub fn squeeze(text: &str) -> String {
    let visible = text.replace('\u{200b}', "");
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lines of `pdffonts` below its heading.
pub fn fonts(pdf: &[u8]) -> Vec<String> {
    let table = run("poppler-utils", "pdffonts", &["-"], pdf);
    String::from_utf8(table).unwrap().lines().skip(2).map(str::to_owned).collect()
}

/// A value of `pdfinfo`.
pub fn info(pdf: &[u8], key: &str) -> Option<String> {
    let table = String::from_utf8(run("poppler-utils", "pdfinfo", &["-"], pdf)).unwrap();
    let value = table.lines().find_map(|line| line.strip_prefix(&format!("{key}:")));
    value.map(|value| value.trim().to_owned())
}

/// Number of pages.
pub fn pages(pdf: &[u8]) -> usize {
    info(pdf, "Pages").unwrap().parse().unwrap()
}

/// First page as a PNG of 300 dots per inch.
pub fn raster(pdf: &[u8]) -> Vec<u8> {
    let arguments = ["-png", "-r", "300", "-f", "1", "-l", "1", "-singlefile", "-"];
    run("poppler-utils", "pdftoppm", &arguments, pdf)
}

/// Bytes of the QR symbols in a picture, as they are, without any change of charset.
pub fn decode_qr(png: &[u8]) -> Vec<u8> {
    let arguments = ["--quiet", "--raw", "--oneshot", "--nodbus", "-Sdisable", "-Sqrcode.enable"];
    let mut arguments = arguments.to_vec();
    arguments.extend(["-Sqrcode.binary", "png:-"]);
    run("zbar-tools", "zbarimg", &arguments, png)
}
