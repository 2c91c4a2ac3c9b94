//! typst as a function: template, data and a picture in, PDF bytes out.
//!
//! Data reaches the template as JSON strings, so that no text of a document is ever read as
//! markup. The library, the fonts and the parsed template are made once per process.

use crate::PdfError;
use chrono::{Datelike, NaiveDate};
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

/// How many documents ago a cached piece of layout must have been used to be dropped: templates'
/// own pieces stay, pieces of one document's data go, and memory stays bounded.
const CACHE_GENERATIONS: usize = 10;

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    let files: [&[u8]; 2] =
        [include_bytes!("../fonts/PTSans-Regular.ttf"), include_bytes!("../fonts/PTSans-Bold.ttf")];
    files.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect()
});

static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

/// A parsed template.
pub(crate) struct Template {
    source: Source,
}

impl Template {
    /// Parses the text of a template; `name` tells it apart in the cache.
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let source = match file_id(name) {
            Some(id) => Source::new(id, text.to_owned()),
            None => Source::detached(text),
        };
        Self { source }
    }
}

/// What one rendering is made of.
pub(crate) struct Job<'a> {
    pub template: &'a Template,
    /// Served to the template as `/data.json`.
    pub data: Vec<u8>,
    /// Served to the template as `/qr.svg`.
    pub qr_svg: Option<String>,
    /// Date of the document; becomes the creation date, so that bytes never depend on today.
    pub date: NaiveDate,
    /// What identifies the document among all others.
    pub ident: String,
}

/// Renders one document.
pub(crate) fn render(job: Job<'_>) -> Result<Vec<u8>, PdfError> {
    let created = creation_date(job.date)?;
    let ident = job.ident.clone();
    let room = Room {
        source: job.template.source.clone(),
        data: Bytes::new(job.data),
        qr_svg: job.qr_svg.map(Bytes::from_string),
    };
    let compiled = typst::compile::<PagedDocument>(&room);
    let rendered = compiled.output.and_then(|document| {
        let options = PdfOptions {
            ident: Smart::Custom(ident),
            creator: Smart::Custom(Some("Raschet".to_owned())),
            timestamp: Some(Timestamp::new_utc(created)),
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options)
    });
    typst::comemo::evict(CACHE_GENERATIONS);
    // Warnings are about the template (a font that is not there, a layout that never settles).
    debug_assert!(compiled.warnings.is_empty(), "{}", describe(&compiled.warnings));
    rendered.map_err(|errors| PdfError::Template(describe(&errors)))
}

fn creation_date(date: NaiveDate) -> Result<Datetime, PdfError> {
    // `Datelike` gives month and day as u32 in 1..=31; typst wants u8.
    let part = |value: u32| u8::try_from(value).unwrap_or(1);
    Datetime::from_ymd_hms(date.year(), part(date.month()), part(date.day()), 0, 0, 0)
        .filter(|_| (1..=9999).contains(&date.year()))
        .ok_or_else(|| PdfError::field("date", "must lie in the years 1 to 9999"))
}

fn describe(diagnostics: &[SourceDiagnostic]) -> String {
    diagnostics.iter().map(|each| each.message.to_string()).collect::<Vec<_>>().join("; ")
}

fn file_id(path: &str) -> Option<FileId> {
    let path = VirtualPath::new(path).ok()?;
    Some(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// The whole world a template can see: itself, its data and its picture.
struct Room {
    source: Source,
    data: Bytes,
    qr_svg: Option<Bytes>,
}

impl World for Room {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.source.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.source.id() { Ok(self.source.clone()) } else { Err(FileError::NotSource) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.vpath().get_with_slash();
        match (path, &self.qr_svg) {
            ("/data.json", _) => Ok(self.data.clone()),
            ("/qr.svg", Some(svg)) => Ok(svg.clone()),
            _ => Err(FileError::NotFound(path.into())),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
