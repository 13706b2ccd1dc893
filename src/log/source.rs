//! Logs opened and cut into pieces: what one thread reads at a time.
//!
//! Uncompressed files are read by offset and cut into stretches; packed files, exports of the journal, the journal itself, standard input and
//! devices are streams and stay whole. Logs are put in order of their first line, whatever order they were named in.
//!
//! Files are opened once and read through what was opened, whatever their names mean by then. What counts is what they held when they
//! were opened: a line that was begun by then is read to its end, a line begun later is for the next run.

use super::calendar::Bounds;
use super::decode::{self, Packing};
use super::export;
use super::identity::Stamp;
use super::journal::Query;
use super::locate::{self, Origin};
use super::look::Look;
use super::piece::{Piece, PieceBody};
use super::plain::{self, Plain};
use super::stream::{Input, Stream};
use super::window::Window;
use crate::host::access::{Identity, Obstacle};
use crate::host::env::{Host, micros_of};
use crate::host::time::{Micros, Zone};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much of a file is looked at to tell what it is.
const HEAD_LENGTH: usize = export::MAGIC_LENGTH;

/// An opened log.
#[derive(Debug)]
pub struct Source {
    name: String,
    first: Option<Micros>,
    body: Body,
    /// Of a regular file, when it was opened.
    stamp: Option<Stamp>,
}

/// A log in parts: whole lines, which can be remembered, and what may still be written.
#[derive(Debug, Default)]
pub struct Parts {
    /// Whole lines, in order of time.
    pub whole: Vec<Piece>,
    /// The start of a line.
    pub rest: Option<Piece>,
    /// Where the whole lines end.
    pub end: u64,
}

#[derive(Debug)]
enum Body {
    Plain(Plain),
    Stream(Stream),
}

/// A file's device and inode.
pub type FileId = (u64, u64);

/// Which file it is that `meta` describes.
pub fn id_of(meta: &Metadata) -> FileId {
    (meta.dev(), meta.ino())
}

/// Opens logs and puts them in order of time, read as of a time that need not be now. What cannot be opened comes back with the reason.
pub fn open(
    origins: Vec<Origin>,
    host: &Host,
    as_of: Micros,
) -> (Vec<Source>, Vec<(PathBuf, Obstacle)>) {
    let identity = Identity::current(&host.root);
    let coming = Bounds::coming(host.now, as_of);
    let (mut sources, mut obstacles) = (Vec::new(), Vec::new());
    let mut seen = std::collections::BTreeSet::new();
    for origin in origins {
        match origin {
            Origin::Stdin => sources.push(Source::stdin(coming)),
            Origin::Path(path) => match Source::file(&path, host, coming) {
                Ok((source, identity)) if seen.insert(identity) => sources.push(source),
                Ok(_) => {} // another name of a file that is read already
                Err(error) => {
                    let obstacle = identity.explain(&path, &error);
                    obstacles.push((path, obstacle));
                }
            },
        }
    }
    put_in_order(&mut sources);
    let mut plain: Vec<&mut Plain> = sources.iter_mut().filter_map(Source::plain).collect();
    plain::join_cut_lines(&mut plain);
    (sources, obstacles)
}

/// In order of their first line: logs that were opened apart.
pub fn put_together(mut logs: Vec<Source>, more: Vec<Source>) -> Vec<Source> {
    logs.extend(more);
    logs.sort_by_key(|source| source.first.unwrap_or(Micros::MAX));
    logs
}

/// In order of their first line. A file whose lines have no time (a few bytes of a cut line) stays behind the file named before it.
/// Standard input and pipes cannot be looked at: they stay behind all that was named before them, or come first.
fn put_in_order(sources: &mut [Source]) {
    let mut before = sources.iter().find_map(|source| source.first);
    let mut youngest = Micros::MIN;
    for source in &mut *sources {
        source.first = source.first.or(match source.body {
            Body::Plain(_) => before,
            Body::Stream(_) => Some(youngest),
        });
        before = source.first;
        youngest = youngest.max(source.first.unwrap_or(youngest));
    }
    sources.sort_by_key(|source| source.first.unwrap_or(Micros::MAX));
}

impl Source {
    fn stdin(bounds: Bounds) -> Self {
        let stream = Stream {
            input: Input::Stdin(Arc::default()),
            bounds,
        };
        Self {
            name: String::from("standard input"),
            first: None,
            body: Body::Stream(stream),
            stamp: None,
        }
    }

    /// The journal, or a file of it.
    pub fn journal(query: Query, host: &Host) -> Self {
        let name = query.name();
        let input = Input::Journal(Box::new(query));
        let bounds = Bounds::coming(host.now, host.now);
        Self {
            name,
            first: None,
            body: Body::Stream(Stream { input, bounds }),
            stamp: None,
        }
    }

    /// Opens a file; also says which it is.
    fn file(path: &Path, host: &Host, coming: Bounds) -> io::Result<(Self, FileId)> {
        let meta = std::fs::metadata(path)?;
        if meta.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let name = path.display().to_string();
        if meta.is_file() {
            let file = File::open(path)?;
            // The name may mean another file by now.
            let meta = file.metadata()?;
            let (first, body) = Self::regular(path, file, &meta, host)?;
            let stamp = Some(Stamp::of(&meta));
            let source = Self {
                name,
                first,
                body,
                stamp,
            };
            return Ok((source, id_of(&meta)));
        }
        // Opened by the thread that reads it: opening a FIFO waits for its writer.
        let input = Input::Device(path.to_path_buf(), Arc::default());
        let body = Body::Stream(Stream {
            input,
            bounds: coming,
        });
        let source = Self {
            name,
            first: None,
            body,
            stamp: None,
        };
        Ok((source, id_of(&meta)))
    }

    fn regular(
        path: &Path,
        file: File,
        meta: &Metadata,
        host: &Host,
    ) -> io::Result<(Option<Micros>, Body)> {
        let changed = meta.modified().map_or(host.now, micros_of);
        let bounds = Bounds::changed(changed);
        let mut head = [0; HEAD_LENGTH];
        let read = file.read_at(&mut head, 0)?;
        let packing = match read == 0 && locate::has_packed_name(path) {
            true => Packing::Lost,
            false => decode::packing(&head[..read]),
        };
        if packing != Packing::Plain || export::syntax(&head[..read]).is_some() {
            let input = Input::Packed(Arc::new(file), packing);
            let stream = Stream { input, bounds };
            return Ok((stream.first_line(host.zone), Body::Stream(stream)));
        }
        let plain = Plain::open(file, meta.len(), host.zone, bounds.last)?;
        Ok((plain.first(), Body::Plain(plain)))
    }

    /// How the journal, or a file of it, is asked, where this is one.
    pub fn query(&self) -> Option<&Query> {
        match &self.body {
            Body::Stream(stream) => match &stream.input {
                Input::Journal(query) => Some(query),
                _ => None,
            },
            Body::Plain(_) => None,
        }
    }

    /// The time of the last line, where it can be had without reading the whole.
    pub fn newest(&self) -> Option<Micros> {
        match &self.body {
            Body::Plain(plain) => plain.last(),
            Body::Stream(_) => None,
        }
    }

    /// What the log looks like now; `None` for what is read once and cannot be looked at.
    pub fn look(&self) -> Option<Look> {
        match &self.body {
            Body::Plain(plain) => Some(plain.look()),
            Body::Stream(_) => None,
        }
    }

    fn plain(&mut self) -> Option<&mut Plain> {
        match &mut self.body {
            Body::Plain(plain) => Some(plain),
            Body::Stream(_) => None,
        }
    }

    /// The log's name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The regular file, where it is one, and its stamp when it was opened.
    pub fn regular_file(&self) -> Option<(&File, Stamp)> {
        let file = match &self.body {
            Body::Plain(plain) => plain.file(),
            Body::Stream(stream) => match &stream.input {
                Input::Packed(file, _) => file,
                _ => return None,
            },
        };
        Some((file, self.stamp?))
    }

    /// The times of an uncompressed file's first line, and of the last line known at or before `offset`.
    pub fn times(&self, offset: u64) -> Option<(Option<Micros>, Option<Micros>)> {
        match &self.body {
            Body::Plain(plain) => Some((plain.first(), plain.near(offset))),
            Body::Stream(_) => None,
        }
    }

    /// The pieces of the log, in order of time, as far as the window may reach.
    pub fn pieces(self, window: &Window, zone: Zone) -> Vec<Piece> {
        let bodies = match self.body {
            Body::Stream(stream) => vec![PieceBody::Stream(stream)],
            Body::Plain(plain) => plain
                .stretches(window)
                .into_iter()
                .map(PieceBody::Stretch)
                .collect(),
        };
        let piece = |body| Piece::new(&self.name, zone, body);
        bodies.into_iter().map(piece).collect()
    }

    /// The log from `offset` on, as far as the window may reach. What is no uncompressed file is read wholly or not at all: not when
    /// `offset` is behind its start.
    ///
    /// # Errors
    /// Whatever reading says.
    pub fn parts_from(&self, offset: u64, window: &Window, zone: Zone) -> io::Result<Parts> {
        let piece = |body| Piece::new(&self.name, zone, body);
        let end = self.stamp.map_or(0, |stamp| stamp.size);
        Ok(match &self.body {
            Body::Plain(plain) => {
                let (whole, rest, end) = plain.stretches_from(offset, window)?;
                Parts {
                    whole: whole
                        .into_iter()
                        .map(PieceBody::Stretch)
                        .map(piece)
                        .collect(),
                    rest: rest.map(PieceBody::Stretch).map(piece),
                    end,
                }
            }
            Body::Stream(_) if offset > 0 => Parts {
                end,
                ..Parts::default()
            },
            Body::Stream(stream) => Parts {
                whole: vec![piece(PieceBody::Stream(stream.clone()))],
                rest: None,
                end,
            },
        })
    }

    /// The journal, asked by `query` instead: one part.
    pub fn parts_of(&self, query: Query, zone: Zone) -> Parts {
        let part = |stream: &Stream| {
            let input = Input::Journal(Box::new(query));
            let stream = Stream {
                input,
                ..stream.clone()
            };
            Piece::new(&self.name, zone, PieceBody::Stream(stream))
        };
        let whole = match &self.body {
            Body::Stream(stream) => vec![part(stream)],
            Body::Plain(_) => Vec::new(),
        };
        Parts {
            whole,
            ..Parts::default()
        }
    }
}
