//! What a run knows: the editions of every kind, by the days that they cover.

use std::path::Path;

use crate::error::Result;
use crate::model::{Class, Code, Date};
use crate::reference::info::EditionInfo;
use crate::reference::pairs::{CodeSet, Setting};
use crate::reference::rows::Edition;
use crate::reference::table::Table;
use crate::reference::{Kind, compile, store};

/// Editions of reference data, which are asked by date of service. They never change, so that
/// threads may share them. The default knows nothing, and accuses nobody.
#[derive(Debug, Default)]
pub struct Reference {
    /// By kind, in the order of [`Kind::ALL`].
    shelves: [Shelf; Kind::ALL.len()],
    infos: Vec<EditionInfo>,
    /// The codes that any edition of pairs names, by [`Setting`].
    paired: [CodeSet; 2],
}

/// The editions of a kind, each list from the newest to the oldest.
#[derive(Debug, Default)]
struct Shelf {
    given: Vec<Loaded>,
    /// Used only for days that no given edition covers.
    built_in: Vec<Loaded>,
}

impl Shelf {
    fn all(&self) -> impl Iterator<Item = &Loaded> {
        self.given.iter().chain(&self.built_in)
    }

    /// The editions that may be used for a day, whether they cover it or not.
    fn usable(&self, on: Date) -> impl Iterator<Item = &Loaded> {
        let is_given = self.given.iter().any(|edition| edition.info.covers(on));
        let built_in = if is_given { &[] } else { self.built_in.as_slice() };
        self.given.iter().chain(built_in)
    }

    /// The editions that cover a day, from the newest to the oldest.
    fn covering(&self, on: Date) -> impl Iterator<Item = &Loaded> {
        self.usable(on).filter(move |edition| edition.info.covers(on))
    }
}

/// An edition that can be asked.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) info: EditionInfo,
    pub(super) table: Table,
    /// A bit for each class of which it has a code.
    classes: u8,
    /// Whether it has a code of two characters.
    pub(super) has_pairs_of_characters: bool,
}

impl Loaded {
    fn new((info, table): (EditionInfo, Table)) -> Loaded {
        let mut loaded = Loaded { info, table, classes: 0, has_pairs_of_characters: false };
        // The others are never asked for the classes of their codes.
        if matches!(loaded.info.kind, Kind::Hcpcs | Kind::Procedures | Kind::Modifiers) {
            for code in (0..loaded.table.len()).filter_map(|at| loaded.table.code(at)) {
                loaded.has_pairs_of_characters |= code.len() == 2;
                loaded.classes |= Code::parse(code).map_or(0, |(_, class)| 1 << class as u8);
            }
        }
        loaded
    }

    /// Whether a code of this class that is not in it does not exist.
    pub(super) fn is_complete_for(&self, class: Class) -> bool {
        let may_have = match self.info.kind {
            Kind::Hcpcs => class == Class::Hcpcs,
            Kind::Procedures => true,
            _ => false,
        };
        self.info.is_complete && may_have && self.classes & 1 << class as u8 != 0
    }
}

impl Reference {
    /// The editions in a directory, each read at once. A directory that is not there has none.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or is damaged or of another version. The error names it.
    pub fn load(directory: &Path) -> Result<Reference> {
        Ok(Self::default().adding(store::open_all(directory)?, false))
    }

    /// The same, with one edition alone in the place of all that are of its kind: to see what it
    /// would answer by itself.
    ///
    /// # Errors
    ///
    /// As [`Reference::load`], and if the edition cannot be compiled.
    pub fn load_beside(directory: &Path, alone: &Edition) -> Result<Reference> {
        let mut others = store::open_all(directory)?;
        others.retain(|(info, _)| info.kind != alone.kind);
        let alone = in_memory(std::slice::from_ref(alone))?;
        Ok(Self::default().adding(others, false).adding(alone, false))
    }

    /// These editions, compiled in memory.
    ///
    /// # Errors
    ///
    /// If an edition cannot be compiled.
    pub fn of(editions: &[Edition]) -> Result<Reference> {
        Ok(Self::default().adding(in_memory(editions)?, false))
    }

    /// The same with these editions too, which are used only for days that no edition of their kind
    /// from [`Reference::load`] or [`Reference::of`] covers: tables that are built in.
    ///
    /// # Errors
    ///
    /// If an edition cannot be compiled.
    pub fn with(self, editions: &[Edition]) -> Result<Reference> {
        Ok(self.adding(in_memory(editions)?, true))
    }

    fn adding(mut self, editions: Vec<(EditionInfo, Table)>, are_built_in: bool) -> Reference {
        for edition in editions {
            let loaded = Loaded::new(edition);
            self.infos.push(loaded.info.clone());
            for (setting, codes) in Setting::ALL.into_iter().zip(&mut self.paired) {
                if setting.kind() == loaded.info.kind {
                    codes.add(&loaded.table);
                }
            }
            if let Some(shelf) = self.shelves.get_mut(loaded.info.kind as usize) {
                if are_built_in { &mut shelf.built_in } else { &mut shelf.given }.push(loaded);
            }
        }
        for shelf in &mut self.shelves {
            for editions in [&mut shelf.given, &mut shelf.built_in] {
                editions.sort_by(|a, b| b.info.age().cmp(&a.info.age()));
            }
        }
        self.infos
            .sort_by(|a, b| (a.kind, a.covers.0, &a.name).cmp(&(b.kind, b.covers.0, &b.name)));
        self
    }

    /// What every edition says of itself, by kind, first covered day and name.
    pub fn editions(&self) -> &[EditionInfo] {
        &self.infos
    }

    /// Whether there is any edition of a kind.
    pub fn has(&self, kind: Kind) -> bool {
        self.infos.iter().any(|info| info.kind == kind)
    }

    /// The days that editions of a kind cover: first and last days, in order, with days between
    /// them that no edition covers.
    pub fn coverage(&self, kind: Kind) -> Vec<(Date, Date)> {
        let mut merged: Vec<(Date, Date)> = Vec::new();
        // By their first days.
        for info in self.infos.iter().filter(|info| info.kind == kind) {
            let (first, last) = info.covers;
            match merged.last_mut() {
                Some(before) if first.days() <= before.1.days() + 1 => {
                    before.1 = before.1.max(last);
                }
                _ => merged.push((first, last)),
            }
        }
        merged
    }

    /// Whether any complete list has codes of a class, on whatever day.
    pub fn covers_class(&self, class: Class) -> bool {
        let mut editions = self.shelves.iter().flat_map(Shelf::all);
        editions.any(|edition| edition.is_complete_for(class))
    }

    /// Whether any edition of pairs for the setting names the code, on whatever day. Cheap: two
    /// steps in memory, so that most lines need not be asked for their pairs at all.
    #[inline]
    pub fn in_pairs(&self, setting: Setting, code: Code) -> bool {
        self.paired.get(setting as usize).is_some_and(|codes| codes.has(code))
    }

    /// The editions of a kind that may be used for a day, whether they cover it or not.
    pub(super) fn usable(&self, kind: Kind, on: Date) -> impl Iterator<Item = &Loaded> {
        self.shelves.get(kind as usize).into_iter().flat_map(move |shelf| shelf.usable(on))
    }

    /// The editions of a kind that cover a day, from the newest to the oldest.
    pub(super) fn covering(&self, kind: Kind, on: Date) -> impl Iterator<Item = &Loaded> {
        self.shelves.get(kind as usize).into_iter().flat_map(move |shelf| shelf.covering(on))
    }

    /// The newest edition of a kind that covers a day.
    #[inline]
    pub(super) fn newest(&self, kind: Kind, on: Date) -> Option<&Loaded> {
        self.covering(kind, on).next()
    }
}

fn in_memory(editions: &[Edition]) -> Result<Vec<(EditionInfo, Table)>> {
    let in_memory = |edition| compile::open(compile::compile(edition)?, Path::new(""));
    editions.iter().map(in_memory).collect()
}
