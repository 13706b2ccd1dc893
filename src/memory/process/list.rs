//! All processes of /proc. They come and go while they are read: one that is gone is passed over, as is one that may not be read.

use super::rank::{Consumers, Ranking};
use super::status::{self, Process};
use super::unit;
use crate::memory::cgroup::{Member, Place};
use crate::memory::page;
use crate::memory::tree::{Tree, Unreadable};
use std::cell::{Cell, OnceCell};
use std::fs::DirEntry;

/// The `count` largest programs; of one cgroup only, where `member` is given. Ends early when `stop` says so.
///
/// # Errors
/// [`Unreadable`] where /proc itself cannot be listed.
pub fn list(
    tree: &Tree<'_>,
    member: Option<&Member>,
    count: usize,
    stop: impl Fn() -> bool,
) -> Result<Consumers, Unreadable> {
    let path = tree.path("/proc");
    let entries = std::fs::read_dir(&path).map_err(|error| Unreadable { path, error })?;
    let reader = Reader {
        tree,
        member,
        page: OnceCell::new(),
        strangers: Cell::new(false),
    };
    let mut ranking = Ranking::default();
    let mut cut_short = false;
    for pid in entries.flatten().filter_map(|entry| pid(&entry)) {
        cut_short = stop();
        if cut_short {
            break;
        }
        reader.see(&pid, &mut ranking);
    }
    let (top, more) = ranking.top(count);
    Ok(Consumers {
        top,
        more,
        // The first process is always there and readable, unless it is hidden.
        others_hidden: !tree.has("/proc/1/status"),
        outside_namespace: reader.strangers.get(),
        cut_short,
    })
}

fn pid(entry: &DirEntry) -> Option<String> {
    let name = entry.file_name().into_string().ok()?;
    name.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(name)
}

/// What is asked about each process.
struct Reader<'a> {
    tree: &'a Tree<'a>,
    member: Option<&'a Member>,
    /// Bytes in a page, once they are needed.
    page: OnceCell<u64>,
    /// Whether there was a process of which it cannot be told whether it is a member.
    strangers: Cell<bool>,
}

impl Reader<'_> {
    fn see(&self, pid: &str, ranking: &mut Ranking) {
        let Some(process) = self.process(pid) else {
            return;
        };
        let cgroups = self.read(pid, "cgroup").unwrap_or_default();
        let cgroups = String::from_utf8_lossy(&cgroups);
        match self.member.map(|member| member.place(&cgroups)) {
            None | Some(Place::Inside) => ranking.see(process, unit::of(&cgroups)),
            Some(Place::OutsideNamespace) => self.strangers.set(true),
            Some(Place::Elsewhere) => {}
        }
    }

    fn process(&self, pid: &str) -> Option<Process> {
        let private = || {
            let pages = status::private_pages(&self.read(pid, "statm")?)?;
            let page = self.page.get_or_init(|| page::size(self.tree));
            Some(pages.saturating_mul(*page))
        };
        Process::parse(&self.read(pid, "status")?, private)
    }

    fn read(&self, pid: &str, name: &str) -> Option<Vec<u8>> {
        self.tree.read(&format!("/proc/{pid}/{name}")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(root: &std::path::Path, pid: &str, name: &str, kib: u64, cgroup: &str) {
        let dir = root.join("proc").join(pid);
        std::fs::create_dir_all(&dir).unwrap();
        let status = format!("Name:\t{name}\nVmRSS:\t{kib} kB\nRssAnon:\t{kib} kB\n");
        std::fs::write(dir.join("status"), status).unwrap();
        std::fs::write(dir.join("cgroup"), format!("0::{cgroup}\n")).unwrap();
    }

    fn names(consumers: &Consumers) -> Vec<&str> {
        consumers.top.iter().map(|c| &*c.program).collect()
    }

    #[test]
    fn everybody_or_one_group() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        process(root, "7", "a", 10, "/system.slice/a.service");
        process(root, "8", "b", 20, "/system.slice/b.service");
        process(root, "self", "not a number", 99, "/");
        std::fs::create_dir_all(root.join("proc/9")).unwrap();
        std::fs::create_dir_all(root.join("sys/fs/cgroup")).unwrap();
        std::fs::write(root.join("sys/fs/cgroup/cgroup.controllers"), "").unwrap();
        let tree = Tree::new(root);

        let all = list(&tree, None, 5, || false).unwrap();
        assert_eq!(names(&all), ["b", "a"]);
        assert_eq!(all.top[0].unit.as_deref(), Some("b.service"));
        assert!(all.others_hidden && !all.cut_short);

        process(root, "1", "init", 1, "/init.scope");
        let group = Member::of(&tree, &"/system.slice/a.service".parse().unwrap());
        let some = list(&tree, group.as_ref(), 5, || false).unwrap();
        assert_eq!(names(&some), ["a"]);
        assert!(!some.others_hidden);

        assert!(list(&tree, None, 5, || true).unwrap().cut_short);
        assert!(list(&Tree::new(&root.join("none")), None, 5, || false).is_err());
    }
}
