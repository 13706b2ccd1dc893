//! What is remembered of each log, and what of it is left to be read.

use super::{Reading, Unfit};
use crate::log::coverage::Trace;
use crate::log::identity::Print;
use crate::log::journal::Query;
use crate::log::look::Look;
use crate::log::memo::{FileMark, Mark, Memo};
use crate::log::source::{Parts, Source};

/// A log, what is remembered of it, and what of it is new.
pub(super) struct Log<'a> {
    pub(super) name: String,
    /// Which memo was its own.
    place: Option<usize>,
    pub(super) memo: Option<Memo<'a>>,
    /// How far it will have been read.
    next: Next,
    look: Option<Look>,
    /// How many pieces of whole lines it has, and whether a rest.
    pub(super) pieces: (usize, bool),
}

/// How far a log will have been read.
enum Next {
    /// So far.
    File(FileMark),
    /// The question knows when it is answered.
    Journal(Box<Query>),
}

impl Log<'_> {
    /// How far it was read, now that it was; `None` where it held nothing.
    pub(super) fn mark(&self) -> Option<Mark> {
        match &self.next {
            Next::File(mark) => {
                let mark = (mark.print.length > 0).then(|| mark.clone());
                mark.map(Mark::File)
            }
            Next::Journal(query) => query.bookmark().map(Mark::Journal),
        }
    }

    /// Whether it lost lines while it was read.
    pub(super) fn is_lost(&self) -> bool {
        self.look.as_ref().is_some_and(Look::is_lost)
    }

    /// What the lines cover that are remembered.
    pub(super) fn trace(&self) -> Trace {
        self.memo
            .as_ref()
            .map(|memo| memo.trace)
            .unwrap_or_default()
    }
}

impl<F> Reading<'_, F> {
    /// What is remembered of a log, and what is left to be read of it.
    pub(super) fn recall<'m>(
        &self,
        source: &Source,
        memos: &mut [Option<Memo<'m>>],
        key: u64,
    ) -> Result<(Log<'m>, Parts), Unfit> {
        let ((place, next), parts) = match source.query() {
            Some(query) => self.recall_journal(source, query, memos)?,
            None => self.recall_file(source, memos, key)?,
        };
        let log = Log {
            name: source.name().to_owned(),
            place,
            memo: place.and_then(|place| memos.get_mut(place)?.take()),
            next,
            look: source.look(),
            pieces: (parts.whole.len(), parts.rest.is_some()),
        };
        Ok((log, parts))
    }

    fn recall_file(
        &self,
        source: &Source,
        memos: &[Option<Memo<'_>>],
        key: u64,
    ) -> Result<((Option<usize>, Next), Parts), Unfit> {
        const UNREAD: Unfit = "a log cannot be read";
        let (file, stamp) = source.regular_file().ok_or(UNREAD)?;
        let memos = memos.iter().enumerate();
        let known = memos
            .filter_map(|(place, memo)| Some((memo.as_ref()?.length_in(source, key)?, place)))
            .max_by_key(|(length, _)| *length);
        let (offset, place) = known.unzip();
        let parts = source
            .parts_from(offset.unwrap_or(0), &self.plan.window, self.zone)
            .map_err(|_| UNREAD)?;
        let next = FileMark {
            stamp,
            print: Print::take(file, parts.end, key).map_err(|_| UNREAD)?,
            first: source.times(0).and_then(|(first, _)| first),
        };
        Ok(((place, Next::File(next)), parts))
    }

    fn recall_journal(
        &self,
        source: &Source,
        query: &Query,
        memos: &[Option<Memo<'_>>],
    ) -> Result<((Option<usize>, Next), Parts), Unfit> {
        const UNSEEN: Unfit = "the files of the journal cannot all be read";
        const SILENT: Unfit = "journalctl does not answer";
        let query = query.noting().map_err(|_| SILENT)?.ok_or(UNSEEN)?;
        let mut known = None;
        for (place, memo) in memos.iter().enumerate() {
            if let (None, Some(memo)) = (&known, memo) {
                let behind = memo.behind(&query).map_err(|_| SILENT)?;
                known = behind.map(|query| (place, query));
            }
        }
        let (place, behind) = known.unzip();
        let query = behind.unwrap_or(query);
        let parts = source.parts_of(query.clone(), self.zone);
        Ok(((place, Next::Journal(Box::new(query))), parts))
    }
}

/// Whether the logs are those of all `memos`, in their order, with nothing new in front of the end of the last one of them.
pub(super) fn is_behind(logs: &[Log<'_>], memos: usize) -> bool {
    let is_empty = |log: &&Log<'_>| log.place.is_none() && log.pieces == (0, false);
    let logs: Vec<_> = logs.iter().filter(|log| !is_empty(log)).collect();
    let known = logs.iter().map_while(|log| log.place);
    let in_order = known.eq(0..memos) && logs.iter().skip(memos).all(|log| log.place.is_none());
    let before = logs.iter().take(memos.saturating_sub(1));
    let unfinished = logs.iter().rev().skip(1).any(|log| log.pieces.1);
    in_order && before.clone().all(|log| log.pieces == (0, false)) && !unfinished
}
