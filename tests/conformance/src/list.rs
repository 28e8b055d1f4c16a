//! The one list of checks: the tests of [`suite!`](crate::suite), the runs, and `CHECKS.md` are made from it.

use std::fmt;

use crate::bench::Context;
use crate::checks;
use crate::outcome::{Failure, Outcome};

/// Calls another macro with every check: its group, its name, which is that of its function and of its test, and what it
/// asks, in a line.
#[doc(hidden)]
#[macro_export]
macro_rules! __each_check {
    ($($callback:ident)::+ ! ($($first:tt)*)) => {
        $($callback)::+! {
            $($first)*
            Discovery tables_schemas_and_rows_agree
                "What was made is found: tables, columns in their order, types, nullability and keys; schemas and rows say the same.";
            Discovery columns_are_chosen_and_reordered
                "All columns, none named, some, and all in another order: schemas and rows follow the choice.";
            Discovery unknown_tables_and_columns_are_refused
                "A table or a column that is not there is an error that names it.";
            Discovery names_that_need_quotes_are_taken
                "Tables and columns whose names hold quotes, blanks, keywords, SQL and other scripts are read and followed.";
            Discovery a_table_of_a_thousand_columns_is_read
                "A table of 1,000 columns is found and read.";
            Discovery validation_finds_what_is_wrong_and_nothing_else
                "Of a sound selection no finding is an error; each planted fault is found, of its table and column alone.";
            Rows a_snapshot_holds_every_row_once
                "A first reading gives every row that is there, once; so does a second one.";
            Rows empty_tables_are_read
                "Tables without rows give none, and the reading comes to its end.";
            Rows nulls_arrive_in_every_nullable_column
                "A null in each nullable column, alone and in all, arrives as a null.";
            Rows every_type_arrives_at_its_edges
                "The least, the greatest and the odd values of every field type arrive as they were stored.";
            Rows column_types_hold_at_their_boundaries
                "The boundary test of the declared column types passes.";
            Rows rows_are_told_apart_by_their_key
                "Keys are whole and not null, and no two rows of a table have the same.";
            Changes changes_of_every_kind_arrive
                "Inserts, updates, deletes and truncates over all tables: what is told adds up to what the source holds.";
            Changes the_tracking_type_is_kept
                "Old rows are what the table's tracking type promises: whole, the key alone, or none.";
            Changes every_transaction_ends_with_a_commit
                "Each transaction is told whole, and is followed by its commit before the next one begins.";
            Changes truncates_empty_the_table
                "After a truncate only the rows that came later are there.";
            Changes keys_change
                "A row whose key is changed goes from the old key to the new one, also where two rows swap keys.";
            Changes interleaved_transactions_arrive_in_the_order_of_their_commits
                "Of two transactions that are open at once, the one that is committed first is told first, and both whole.";
            Changes a_snapshot_and_its_changes_leave_no_gap_and_no_double
                "While others write, a snapshot and the changes after it give every row once.";
            Positions positions_increase_and_are_unique
                "Every change has a position of its own, greater than the one before.";
            Positions positions_are_the_same_in_a_second_read
                "Two readings from one position tell the same changes, in the same order, at the same positions.";
            Positions it_resumes_after_every_change
                "Stopped after each change and resumed there, in the middle of transactions too, the stream tells just the rest.";
            Positions a_break_at_any_step_of_a_snapshot_is_survived
                "Broken off before and after each step that stores a part of a snapshot, a second run makes the sink equal.";
            Positions a_break_at_any_step_among_changes_is_survived
                "The same among changes, with batches of one row and of many.";
            Positions what_is_not_confirmed_can_be_read_again
                "What was told and never stored is told again, by as many readings as it takes.";
            Positions what_is_confirmed_stays_confirmed
                "A run that has stored everything is followed by one that has only what is new.";
            Histories random_histories_are_told_as_they_happened
                "Random transactions: every change told is possible for its row, and the end is what the source holds.";
            Histories random_histories_survive_stops
                "Random transactions, read in pieces that break off anywhere: the sink equals the source in the end.";
            Failures a_failure_surfaces_with_its_position
                "A source that fails ends the run with an error that says where the stream stood.";
            Failures a_panic_surfaces_with_its_position
                "A panic in the stream becomes an error that says where the stream stood.";
            Failures an_early_end_is_an_error
                "A stream that follows changes and ends is an error, never an end.";
            Failures a_lost_source_surfaces_with_its_position
                "Where the connection is cut or the file removed, the error says where the stream stood, or the stream goes on and misses nothing.";
            Settings whole_settings_open_the_connector
                "The settings of the fixture open the connector.";
            Settings a_missing_setting_is_named
                "Without a required key, the error names it.";
            Settings an_unknown_setting_is_named
                "A key that there is not is an error that names it.";
            Settings a_setting_of_the_wrong_type_is_named
                "A value of the wrong type is an error that names its key.";
            Settings secrets_are_shown_nowhere
                "What is set under a secret key is in no error, and not in the connector's `Debug`.";
            Flow two_readers_each_get_everything
                "Two readers under two names, one ahead of the other: each is told everything.";
            Flow a_slow_consumer_bounds_what_is_held
                "While nobody takes what is read, the process grows by less than half of what there is to read.";
            Flow a_stop_is_obeyed
                "Asked to stop in a snapshot, among changes and while nothing happens, the stream ends.";
            Traces no_thread_and_no_handle_is_leaked
                "Reading again and again, also when broken off, leaves no thread and no open file behind.";
            Traces nothing_is_left_in_the_source
                "After `clean` the source holds nothing that was not asked for.";
            Traces a_second_setup_changes_nothing
                "`prepare` of what is prepared already has nothing to do.";
        }
    };
}

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What the source says that it has.
    Discovery,
    /// What is read of what is there.
    Rows,
    /// What is told of what happens.
    Changes,
    /// Where a stream stands, stops and goes on.
    Positions,
    /// Random histories.
    Histories,
    /// What breaks.
    Failures,
    /// The configuration.
    Settings,
    /// Slow consumers, several readers, stops.
    Flow,
    /// What stays behind.
    Traces,
}

impl Group {
    /// Where an author looks when a check of the group fails.
    pub fn help(self) -> &'static str {
        match self {
            Self::Discovery => {
                "compare what `get_tables` gives with what the fixture's `open` was given; names go into statements quoted"
            }
            Self::Rows => {
                "compare the rows of the snapshot with what the fixture's `apply` was given; a value that the source cannot hold is for the fixture's `holds`, another value for a column for its `sample`"
            }
            Self::Changes => {
                "a transaction is `Begin`, its changes with the old rows that the tracking type promises, `Commit`; what the source cannot do is not among the fixture's `capabilities`"
            }
            Self::Positions => {
                "the stream must give the same changes at the same positions again: after `After { lsn }` what comes later, after `Within { lsn }` that transaction from its start; what is not confirmed must not be forgotten"
            }
            Self::Histories => {
                "make the smallest history of the message a test of your own, and look at its changes one by one"
            }
            Self::Failures => {
                "return the driver's errors from `next_event`; a stream that follows changes never ends, and gives `Idle` when it has nothing"
            }
            Self::Settings => {
                "derive `ConnectorConfig` and `Deserialize` on one struct, with `Secret` for what nobody may see"
            }
            Self::Flow => {
                "read on only when asked for the next event, hold no more than a page, and look at `request.cancellation()` while waiting"
            }
            Self::Traces => {
                "what `changes` opens ends when the stream is dropped; what `prepare` makes is removed by `clean`"
            }
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// One check of the suite.
#[derive(Clone, Copy)]
pub struct Check {
    /// Its name, which is that of its test.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// What it asks.
    pub description: &'static str,
    run: fn(&Context<'_>) -> Outcome,
}

macro_rules! list {
    ($($group:ident $name:ident $description:literal;)*) => {
        /// Every check, in the order in which they are documented.
        pub const CHECKS: &[Check] = &[
            $(Check {
                name: stringify!($name),
                group: Group::$group,
                description: $description,
                run: checks::$name,
            }),*
        ];
    };
}

__each_check!(list!());

impl Check {
    /// The check of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        CHECKS.iter().find(|check| check.name == name)
    }

    pub(crate) fn run(&self, context: &Context<'_>) -> Outcome {
        (self.run)(context).map_err(|failure: Failure| failure.within(self.name))
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
