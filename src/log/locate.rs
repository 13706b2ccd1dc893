//! Which logs there are: the ones a user names, or the ones this machine has.

use super::window::Window;
use crate::host::access::{Identity, Obstacle};
use crate::host::env::{Host, micros_of};
use crate::host::time::DAY;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Where mail logs are looked for, in this order: Debian, Red Hat, SUSE.
pub const PLACES: [&str; 3] = ["/var/log/mail.log", "/var/log/maillog", "/var/log/mail"];

/// Endings that a rotation may add behind the number or date.
const ENDINGS: [&str; 8] = [".gz", ".xz", ".zst", ".bz2", ".lz4", ".Z", ".lzma", ".zstd"];

/// One input of a log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A file.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

/// What listing logs may fail with: the directory that could not be listed.
pub type Unlisted = (PathBuf, io::Error);

/// The first of [`PLACES`] that exists, with its rotated siblings as far as the window reaches: the log itself first. Empty where
/// there is none.
///
/// # Errors
/// The directory that could not be listed.
pub fn found(host: &Host, window: &Window) -> Result<Vec<Origin>, Unlisted> {
    for place in PLACES {
        let origins = with_rotated(&host.path(place), "", window)?;
        if !origins.is_empty() {
            return Ok(origins);
        }
    }
    Ok(Vec::new())
}

/// A log, where it exists, and its rotated siblings as far as the window reaches. `suffix` is what their names end in beside the usual
/// numbers and dates, as a format of strftime.
///
/// # Errors
/// The directory that could not be listed.
pub fn with_rotated(log: &Path, suffix: &str, window: &Window) -> Result<Vec<Origin>, Unlisted> {
    let siblings = siblings(log, suffix)?;
    let is_log = std::fs::metadata(log).map_or_else(
        |error| error.kind() != io::ErrorKind::NotFound,
        |meta| !meta.is_dir(),
    );
    let wanted = siblings.into_iter().filter(|path| !is_behind(path, window));
    let log = is_log.then(|| log.to_path_buf());
    Ok(log.into_iter().chain(wanted).map(Origin::Path).collect())
}

/// Rotated files never change again: a file last written before the window holds no line of it.
fn is_behind(path: &Path, window: &Window) -> bool {
    std::fs::metadata(path)
        .and_then(|meta| meta.modified())
        .is_ok_and(|changed| window.is_behind(micros_of(changed).saturating_add(DAY)))
}

/// The rotated files of `log`, sorted by name.
fn siblings(log: &Path, suffix: &str) -> Result<Vec<PathBuf>, Unlisted> {
    let (Some(directory), Some(name)) =
        (log.parent(), log.file_name().and_then(|name| name.to_str()))
    else {
        return Ok(Vec::new());
    };
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        // Where the directory can be searched but not listed, the log itself can still be read.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && log.exists() => {
            return Ok(Vec::new());
        }
        Err(error) => return Err((directory.to_path_buf(), error)),
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| {
            entry
                .file_name()
                .to_str()
                .is_some_and(|other| is_rotated(name, other, suffix))
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    drop_twins(&mut found);
    Ok(found)
}

/// Leaves out each packed file that stands beside what it was made of: it is being written, or will go with the next rotation.
fn drop_twins(paths: &mut Vec<PathBuf>) {
    let names: Vec<PathBuf> = paths.clone();
    paths.retain(|path| {
        let twin = path.to_str().and_then(unpacked_name);
        !twin.is_some_and(|twin| names.iter().any(|name| name.as_os_str() == twin))
    });
}

/// Whether a file is named as packed ones are.
pub fn has_packed_name(path: &Path) -> bool {
    unpacked_name(&path.to_string_lossy()).is_some()
}

/// A name without the ending of a compression.
fn unpacked_name(name: &str) -> Option<&str> {
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending))
}

/// Whether `other` is `name` with a number or date behind it: `.1`, `.2.gz`, `-20261115`, `-2026-11-15.xz`, `.20261115.gz`; or with a dot
/// and what `suffix`, a format of strftime, makes.
fn is_rotated(name: &str, other: &str, suffix: &str) -> bool {
    let Some(rest) = other.strip_prefix(name) else {
        return false;
    };
    let bare = unpacked_name(rest).unwrap_or(rest);
    if bare
        .strip_prefix('.')
        .is_some_and(|date| !suffix.is_empty() && is_made_by(suffix, date))
    {
        return true;
    }
    let digits = bare.bytes().filter(u8::is_ascii_digit).count();
    bare.starts_with(['.', '-', '_'])
        && digits > 0
        && bare.ends_with(|c: char| c.is_ascii_digit())
        && bare
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'))
}

/// Whether strftime may make `text` of `format`: each `%x` stands for some letters, digits or signs.
fn is_made_by(format: &str, text: &str) -> bool {
    let Some(first) = format.chars().next() else {
        return text.is_empty();
    };
    let rest = &format[first.len_utf8()..];
    let literal = if first == '%' {
        rest.strip_prefix('%')
    } else {
        Some(rest)
    };
    if let Some(rest) = literal {
        return text
            .strip_prefix(first)
            .is_some_and(|text| is_made_by(rest, text));
    }
    let rest = rest.get(1..).unwrap_or_default();
    let part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b':');
    let longest = text.bytes().take_while(|b| part(*b)).count();
    (1..=longest).any(|length| is_made_by(rest, &text[length..]))
}

/// The inputs that a user names: `-` is standard input, a pattern stands for all files that match it (Icinga runs no shell).
/// What stands for nothing comes back with the reason.
pub fn named(arguments: &[PathBuf], host: &Host) -> (Vec<Origin>, Vec<(PathBuf, Obstacle)>) {
    let (mut origins, mut obstacles) = (Vec::new(), Vec::new());
    for argument in arguments {
        if argument.as_os_str() == "-" {
            origins.push(Origin::Stdin);
        } else {
            match expand(argument, host) {
                Ok(paths) => origins.extend(paths.into_iter().map(Origin::Path)),
                Err(obstacle) => obstacles.push((argument.clone(), obstacle)),
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    origins.retain(|origin| seen.insert(origin.clone()));
    (origins, obstacles)
}

fn expand(argument: &Path, host: &Host) -> Result<Vec<PathBuf>, Obstacle> {
    let plain = |why: String| Obstacle {
        what: why,
        fix: None,
    };
    let pattern = match argument.to_str() {
        Some(text) if text.contains(['*', '?', '[']) && !argument.exists() => text,
        _ => return Ok(vec![argument.to_path_buf()]),
    };
    let matches =
        glob::glob(pattern).map_err(|error| plain(format!("is not a pattern: {}", error.msg)))?;
    // A directory that cannot be listed hides matches: that is not "no file matches".
    let mut paths = Vec::new();
    for found in matches {
        match found {
            Ok(path) => paths.push(path),
            Err(error) => return Err(unlisted(error.path(), error.error(), host)),
        }
    }
    if paths.is_empty() {
        let nothing = || plain(String::from("no file matches this pattern"));
        return Err(hidden(pattern, host).unwrap_or_else(nothing));
    }
    drop_twins(&mut paths);
    Ok(paths)
}

/// A directory that cannot be listed, why, and what mends it.
fn unlisted(directory: &Path, error: &io::Error, host: &Host) -> Obstacle {
    let why = Identity::current(&host.root).explain(directory, error);
    Obstacle {
        what: format!("cannot list {}: {}", directory.display(), why.what),
        fix: why.fix,
    }
}

/// The directory in front of a pattern, where nobody may look into one above it.
fn hidden(pattern: &str, host: &Host) -> Option<Obstacle> {
    let is_plain = |part: &Component<'_>| {
        let part = part.as_os_str().to_string_lossy();
        !part.contains(['*', '?', '['])
    };
    let parts = Path::new(pattern).components();
    let directory: PathBuf = parts.take_while(is_plain).collect();
    let error = std::fs::metadata(&directory).err()?;
    (error.kind() == io::ErrorKind::PermissionDenied).then(|| unlisted(&directory, &error, host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::time::Zone;
    use std::fs;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn rotated_names() {
        for (other, rotated) in [
            ("mail.log.1", true),
            ("mail.log.12.gz", true),
            ("mail.log-20261115", true),
            ("mail.log-20261115.gz", true),
            ("mail.log-2026-11-15.xz", true),
            ("mail.log-2026111508", true),
            ("mail.log.20261115.zst", true),
            ("mail.log-1795247858.bz2", true),
            ("mail.log", false),
            ("mail.log.gz", false),
            ("mail.log.offset", false),
            ("mail.log.1.swp", false),
            ("mail.log.1~", false),
            ("mail.log.", false),
            ("mail.logger.1", false),
            ("xmail.log.1", false),
        ] {
            assert_eq!(is_rotated("mail.log", other, ""), rotated, "{other}");
        }
    }

    #[test]
    fn names_that_postfix_logrotate_makes() {
        for (suffix, other, rotated) in [
            ("%Y%m%d-%H%M%S", "mail.log.20261121-081903.gz", true),
            ("%Y%m%d-%H%M%S", "mail.log.20261121-081903", true),
            ("%Y%m%d-%H%M%S", "mail.log.old", false),
            ("old-%b%d", "mail.log.old-Nov21.xz", true),
            ("old-%b%d", "mail.log.old-", false),
            ("old-%b%d", "mail.log.new-Nov21", false),
            ("old-%b%d", "mail.log.1", true),
            ("%%%s", "mail.log.%1795247858", true),
            ("%%%s", "mail.log.x1795247858", false),
            ("%", "mail.log.x", true),
            ("old", "mail.log.old", true),
        ] {
            let found = is_rotated("mail.log", other, suffix);
            assert_eq!(found, rotated, "{suffix} {other}");
        }
    }

    #[test]
    fn a_file_that_is_being_packed_counts_once() {
        let names = [
            "maillog",
            "maillog.1",
            "maillog.1.gz",
            "maillog.2.gz",
            "maillog.3.xz",
        ];
        let (_dir, host) = host_with(&names.map(|name| (name, 0)));
        assert_eq!(
            self::names(&host, &Window::default()),
            ["maillog", "maillog.1", "maillog.2.gz", "maillog.3.xz"]
        );
    }

    fn host_with(files: &[(&str, u64)]) -> (tempfile::TempDir, Host) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("var/log")).unwrap();
        for (name, age_days) in files {
            let path = dir.path().join("var/log").join(name);
            fs::write(&path, "x\n").unwrap();
            let changed = UNIX_EPOCH + Duration::from_secs((1000 - age_days) * 86_400);
            fs::File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_modified(changed)
                .unwrap();
        }
        let host = Host {
            root: dir.path().to_path_buf(),
            now: 1000 * DAY,
            zone: Zone::Fixed(0),
            terminal: false,
        };
        (dir, host)
    }

    fn names(host: &Host, window: &Window) -> Vec<String> {
        let name = |origin| match origin {
            Origin::Path(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
            Origin::Stdin => String::from("-"),
        };
        found(host, window).unwrap().into_iter().map(name).collect()
    }

    #[test]
    fn the_first_place_that_exists_as_far_as_the_window_reaches() {
        let files = [
            ("maillog", 0),
            ("maillog.1", 7),
            ("maillog.2.gz", 14),
            ("maillog.bak", 0),
            ("mail", 0),
        ];
        let (_dir, host) = host_with(&files);
        let week = Window {
            since: Some(993 * DAY),
            until: None,
        };
        assert_eq!(names(&host, &week), ["maillog", "maillog.1"]);
        assert_eq!(
            names(&host, &Window::default()),
            ["maillog", "maillog.1", "maillog.2.gz"]
        );
        let (_dir, host) = host_with(&[("mail.log.1", 1), ("maillog", 0)]);
        assert_eq!(
            names(&host, &week),
            ["mail.log.1"],
            "just rotated, not yet written again"
        );
        let (_dir, host) = host_with(&[]);
        assert!(names(&host, &week).is_empty());
    }

    #[test]
    fn patterns_and_literal_names() {
        let (dir, host) = host_with(&[("a[1].log", 0), ("b1.log", 0), ("b2.log", 0)]);
        let path = |name: &str| dir.path().join("var/log").join(name);
        let words = [
            path("b*.log"),
            path("a[1].log"),
            "-".into(),
            path("b1.log"),
            "-".into(),
        ];
        let (origins, obstacles) = named(&words, &host);
        let expected = ["b1.log", "b2.log", "a[1].log"].map(|name| Origin::Path(path(name)));
        assert_eq!(origins, [&expected[..], &[Origin::Stdin]].concat());
        assert!(obstacles.is_empty());
        let (origins, obstacles) = named(&[path("c*"), path("[")], &host);
        assert!(origins.is_empty());
        assert_eq!(obstacles[0].1.to_string(), "no file matches this pattern");
        assert!(obstacles[1].1.to_string().starts_with("is not a pattern"));
    }
}
