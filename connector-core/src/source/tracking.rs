//! What a change tells of the old row, as a type: a wrong old image does not compile, and the message says what to send.
//!
//! A row type names its tracking type ([`SourceRow::Tracking`]). Each tracking type asks a trait of its own of the old
//! image that is sent, so that the compiler names the one that fits the table.

use super::event::Event;
use super::row::{NoOldRow, SourceRow};

/// `tracking = "full_changes"`: the old row itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FullChanges;

/// `tracking = "only_pk"`: the generated key struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnlyPk;

/// `tracking = "nothing"`: append-only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nothing;

/// An enum of row structs: each has a tracking type of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfEachTable;

/// A driver's row: the tables, and so their tracking types, are found at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtRunTime;

/// A tracking type under which an `O` tells an old `R`.
#[diagnostic::on_unimplemented(
    message = "an old `{R}` is not told by a `{O}`",
    label = "not an old `{R}`",
    note = "send `<{R} as SourceRow>::Old`"
)]
pub trait Tells<R: SourceRow, O> {
    /// The same event: `O` is `R::Old`.
    fn told(event: Event<R, O>) -> Event<R>;
}

/// A tracking type under which an update may leave out the old image.
#[diagnostic::on_unimplemented(
    message = "an update of a `{R}` tells its old row",
    label = "no update without its old row",
    note = "send it: `Event::update(old, new)`"
)]
pub trait TellsSameKey<R> {}

/// The whole row, as `full_changes` tells it.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is sent as the old image of a `{R}`, whose table declares `tracking = \"full_changes\"`",
    label = "not the old row",
    note = "send the old row itself: a `{R}`"
)]
pub trait OldRowOf<R: SourceRow>: Sized {
    /// The same event.
    fn told(event: Event<R, Self>) -> Event<R>;
}

/// The generated key struct, as `only_pk` tells it. Derived.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is sent as the old image of a `{R}`, whose table declares `tracking = \"only_pk\"`",
    label = "not the old row's key",
    note = "send the key struct that the derive generates, `{R}Key`: `{R}Key::from(&row)` makes one of a row"
)]
pub trait KeyOf<R: SourceRow>: Sized {
    /// The same event.
    fn told(event: Event<R, Self>) -> Event<R>;
}

/// An old row of an append-only table: there is none.
#[diagnostic::on_unimplemented(
    message = "`{R}` is append-only: it has no updates and no deletes",
    label = "its table declares `tracking = \"nothing\"`, the default",
    note = "declare `#[dozer(tracking = \"only_pk\")]` or `\"full_changes\"` on the row struct"
)]
pub trait NeverOf<R: SourceRow>: Sized {
    /// The same event.
    fn told(event: Event<R, Self>) -> Event<R>;
}

/// The old images of an enum of rows. Derived.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is sent as the old image of a `{R}`, which has several tables",
    label = "not an old image of several tables",
    note = "make the event of the one row struct, then of the enum: `Event::<Row>::delete(old).among()`"
)]
pub trait OldAmong<R: SourceRow>: Sized {
    /// The same event.
    fn told(event: Event<R, Self>) -> Event<R>;
}

/// A row type with updates. No append-only one has any: nothing implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is append-only: it has no updates and no deletes",
    label = "its table declares `tracking = \"nothing\"`, the default",
    note = "declare `#[dozer(tracking = \"only_pk\")]` or `\"full_changes\"` on the row struct"
)]
pub trait HasUpdates {}

/// A row type whose updates tell no more than a key. No `full_changes` one is: nothing implements it.
#[diagnostic::on_unimplemented(
    message = "an update of a `{Self}` tells its old row: its table declares `tracking = \"full_changes\"`",
    label = "sent without its old row",
    note = "send it: `Event::update(old, new)`, or declare `#[dozer(tracking = \"only_pk\")]`"
)]
pub trait HasKeyUpdates {}

impl<R: SourceRow<Old = R>> OldRowOf<R> for R {
    fn told(event: Event<R>) -> Event<R> {
        event
    }
}

#[diagnostic::do_not_recommend]
impl<R: SourceRow<Old = Self>> NeverOf<R> for NoOldRow {
    fn told(event: Event<R>) -> Event<R> {
        event
    }
}

impl<R: SourceRow, O: OldRowOf<R>> Tells<R, O> for FullChanges {
    fn told(event: Event<R, O>) -> Event<R> {
        O::told(event)
    }
}

impl<R: SourceRow, O: KeyOf<R>> Tells<R, O> for OnlyPk {
    fn told(event: Event<R, O>) -> Event<R> {
        O::told(event)
    }
}

impl<R: SourceRow, O: NeverOf<R>> Tells<R, O> for Nothing {
    fn told(event: Event<R, O>) -> Event<R> {
        O::told(event)
    }
}

impl<R: SourceRow, O: OldAmong<R>> Tells<R, O> for OfEachTable {
    fn told(event: Event<R, O>) -> Event<R> {
        O::told(event)
    }
}

impl<R: SourceRow<Old = O>, O> Tells<R, O> for AtRunTime {
    fn told(event: Event<R>) -> Event<R> {
        event
    }
}

impl<R> TellsSameKey<R> for OnlyPk {}
impl<R> TellsSameKey<R> for OfEachTable {}
impl<R> TellsSameKey<R> for AtRunTime {}
impl<R: HasUpdates> TellsSameKey<R> for Nothing {}
impl<R: HasKeyUpdates> TellsSameKey<R> for FullChanges {}
