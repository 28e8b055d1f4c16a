//! Each broken connector fails the check that is meant for it, with a message that says what is wrong.

use std::time::Duration;

use connector_conformance::{Check, Done, Failure, Patience, run};

use crate::{Bench, Broken, Fault};

/// A broken connector, the check that is meant for it, and any check of it.
pub(crate) struct Mutant {
    pub(crate) name: &'static str,
    pub(crate) fault: Fault,
    pub(crate) check: &'static str,
    pub(crate) run: fn(&Check, Patience) -> Result<Done, Failure>,
}

/// How the check of a broken connector failed.
fn failure(mutant: &Mutant) -> String {
    let named = Check::named(mutant.check).unwrap();
    match (mutant.run)(named, Patience::new(Duration::from_secs(5))) {
        Ok(done) => panic!(
            "{:?} is not caught by `{}`: {done}",
            mutant.fault, mutant.check
        ),
        Err(failure) => failure.message().to_owned(),
    }
}

/// `Name: fault, the check that catches it, what its message says`. Those whose check looks at the whole process run in one
/// of their own.
macro_rules! mutants {
    ($($test:ident: $fault:ident, $check:ident, $says:literal;)*) => {
        /// Every broken connector.
        pub(crate) const MUTANTS: &[Mutant] = &[$({
            struct It;
            impl Broken for It {
                const FAULT: Option<Fault> = Some(Fault::$fault);
            }
            Mutant {
                name: stringify!($test),
                fault: Fault::$fault,
                check: stringify!($check),
                run: run::check::<Bench<It>>,
            }
        }),*];

        $(
            #[test]
            fn $test() {
                let name = stringify!($test);
                let mutant = MUTANTS.iter().find(|mutant| mutant.name == name).unwrap();
                let caught = || {
                    let said = failure(mutant);
                    assert!(said.contains($says), "{said}");
                    assert!(said.starts_with(mutant.check), "{said}");
                };
                if run::OF_THE_PROCESS.contains(&mutant.check) {
                    run::alone(caught);
                } else {
                    caught();
                }
            }
        )*
    };
}

mutants! {
    a_key_that_is_forgotten: ForgetsTheKey, tables_schemas_and_rows_agree, "its key is said to be []";
    a_nullable_column_that_is_said_not_to_be: LiesAboutNull, tables_schemas_and_rows_agree, "is said to be not null";
    a_type_that_is_another_one: LiesAboutAType, tables_schemas_and_rows_agree, "column `name` is said to be `Binary`";
    a_column_that_is_lost: LosesAColumn, tables_schemas_and_rows_agree, "its columns are said to be";
    names_of_columns_that_are_swapped: SwapsColumnNames, tables_schemas_and_rows_agree, "[\"name\", \"id\"";
    a_table_that_is_hidden: HidesATable, tables_schemas_and_rows_agree, "table `visit` is not found";
    a_choice_of_columns_that_is_ignored: IgnoresTheChoiceOfColumns, columns_are_chosen_and_reordered, "columns [";
    names_that_are_not_quoted: QuotesNoNames, names_that_need_quotes_are_taken, "qu";
    a_finding_where_nothing_is_wrong: FindsTooMuch, validation_finds_what_is_wrong_and_nothing_else, "nothing is wrong, and validation says: table `person`: it is on fire";
    the_last_row_that_is_dropped: DropsTheLastRow, a_snapshot_holds_every_row_once, "table `visit`: 1 rows are missing";
    a_row_that_is_repeated: RepeatsARow, a_snapshot_holds_every_row_once, "a row was given twice";
    a_row_that_is_repeated_by_its_key: RepeatsARow, rows_are_told_apart_by_their_key, "a row was given twice";
    values_that_are_swapped: SwapsTwoValues, a_snapshot_holds_every_row_once, "rows are missing";
    nulls_that_become_values: NullsBecomeValues, nulls_arrive_in_every_nullable_column, "Null";
    rows_of_nulls_that_are_dropped: DropsRowsOfNulls, nulls_arrive_in_every_nullable_column, "table `visit`: 1 rows are missing";
    values_that_become_null: ValuesBecomeNull, a_snapshot_holds_every_row_once, "rows are missing";
    long_texts_that_are_cut: CutsLongTexts, every_type_arrives_at_its_edges, "long";
    numbers_that_are_rounded: RoundsNumbers, every_type_arrives_at_its_edges, "Float(0.1)";
    microseconds_that_are_lost: LosesMicroseconds, every_type_arrives_at_its_edges, "999999";
    rows_of_the_wrong_table: TellsTheWrongTable, a_snapshot_holds_every_row_once, "table `";
    a_panic_on_an_empty_table: PanicsOnAnEmptyTable, empty_tables_are_read, "no rows";
    a_new_row_told_as_the_old_one: TellsTheNewRowAsTheOld, the_tracking_type_is_kept, "an old row is not";
    old_rows_told_in_part: TellsOldRowsInPart, the_tracking_type_is_kept, "old row";
    a_delete_that_is_lost: LosesADelete, changes_of_every_kind_arrive, "not in the source";
    updates_told_as_inserts: TellsUpdatesAsInserts, changes_of_every_kind_arrive, "a row was given twice";
    truncates_that_are_lost: LosesTruncates, truncates_empty_the_table, "not in the source";
    key_changes_that_are_lost: LosesKeyChanges, keys_change, "an old row is not there";
    a_begin_that_is_missing: NoBegin, every_transaction_ends_with_a_commit, "a change arrived outside a transaction";
    a_commit_that_is_missing: NoCommit, every_transaction_ends_with_a_commit, "began before the one before it was committed";
    changes_before_the_snapshot_is_done: ChangesBeforeTheSnapshotIsDone, a_snapshot_holds_every_row_once, "began before the snapshot was done";
    a_snapshot_that_ends_elsewhere: SnapshotEndsElsewhere, a_snapshot_holds_every_row_once, "was said to be done at";
    a_gap_after_the_snapshot: GapAfterTheSnapshot, a_snapshot_and_its_changes_leave_no_gap_and_no_double, "row";
    doubles_after_the_snapshot: DoublesAfterTheSnapshot, a_snapshot_and_its_changes_leave_no_gap_and_no_double, "row";
    a_position_that_is_used_twice: ReusesAPosition, positions_increase_and_are_unique, "positions must increase";
    positions_that_go_back: PositionsGoBack, positions_increase_and_are_unique, "positions must increase";
    an_order_that_differs: OrderDiffers, positions_are_the_same_in_a_second_read, "differs between two readings";
    a_transaction_that_is_skipped: SkipsATransactionAtResume, it_resumes_after_every_change, "resumed after position";
    a_transaction_that_is_repeated: RepeatsATransactionAtResume, it_resumes_after_every_change, "positions must increase";
    the_rest_of_a_transaction_that_is_lost: LosesTheRestOfATransaction, it_resumes_after_every_change, "no longer holds position";
    what_is_forgotten_before_it_is_stored: ForgetsBeforeItIsStored, what_is_not_confirmed_can_be_read_again, "no longer holds position";
    what_is_forgotten_before_a_break: ForgetsBeforeItIsStored, a_break_at_any_step_among_changes_is_survived, "no longer holds position";
    errors_that_are_swallowed: SwallowsErrors, a_failure_surfaces_with_its_position, "the run did not fail";
    panics_that_are_swallowed: SwallowsPanics, a_panic_surfaces_with_its_position, "the run did not fail";
    an_end_that_is_hidden: EndsEarly, an_early_end_is_an_error, "the run did not fail";
    a_secret_that_is_shown: ShowsItsSecret, secrets_are_shown_nowhere, "the secret under `token` is shown";
    unknown_settings_that_are_taken: TakesUnknownSettings, an_unknown_setting_is_named, "and the connector opens";
    readers_that_share_a_position: ReadersShareAPosition, two_readers_each_get_everything, "no longer holds position";
    a_stop_that_is_ignored: IgnoresAStop, a_stop_is_obeyed, "did not stop within 5 s";
    what_is_left_in_the_source: LeavesATable, nothing_is_left_in_the_source, "still has: reader `conformance/subject`";
    a_setup_without_end: PreparesAgainAndAgain, a_second_setup_changes_nothing, "is prepared again: keeps a log";
    a_fifth_change_that_is_lost: LosesTheFifthChange, random_histories_are_told_as_they_happened, "the smallest history that fails";
    a_fifth_change_that_is_lost_between_stops: LosesTheFifthChange, random_histories_survive_stops, "the smallest history that fails";
    tables_that_are_not_there: KnowsUnknownTables, unknown_tables_and_columns_are_refused, "`get_schemas` knows table `no_such_table_x`";
    unknown_names_that_are_not_said: DoesNotNameWhatIsUnknown, unknown_tables_and_columns_are_refused, "does not name it";
    columns_past_the_255th_that_are_lost: LosesLateColumns, a_table_of_a_thousand_columns_is_read, "its columns are said to be";
    a_validation_that_finds_nothing: FindsNothing, validation_finds_what_is_wrong_and_nothing_else, "validation does not find that no_such_column_x of `person` is not there";
    a_finding_of_another_table: BlamesAnotherTable, validation_finds_what_is_wrong_and_nothing_else, "validation does not find";
    a_key_left_out_that_is_not_found: MissesTheKey, validation_finds_what_is_wrong_and_nothing_else, "the key of `person` is not among its columns";
    values_that_are_cast_to_null: CastsCarelessly, column_types_hold_at_their_boundaries, "null";
    two_rows_of_one_key: GivesTwoRowsOneKey, rows_are_told_apart_by_their_key, "a row was given twice: two have the key";
    transactions_told_as_they_are_made: TellsChangesAsTheyAreMade, interleaved_transactions_arrive_in_the_order_of_their_commits, "of two transactions that were open at once";
    a_broken_snapshot_that_is_gone_on_with: GoesOnInABrokenSnapshot, a_break_at_any_step_of_a_snapshot_is_survived, "rows are missing";
    what_a_reader_that_left_was_told: ForgetsWhatALeftReaderWasTold, what_is_not_confirmed_can_be_read_again, "no longer holds position";
    what_is_stored_told_again: RepeatsWhenNothingIsNew, what_is_confirmed_stays_confirmed, "position";
    a_loss_that_is_hidden: HidesItsLoss, a_lost_source_surfaces_with_its_position, "the run did not fail";
    a_loss_that_is_called_an_end: CallsALossAnEnd, a_lost_source_surfaces_with_its_position, "the source was lost, and the snapshot ended";
    a_failure_without_its_place: FailsNowhere, a_failure_surfaces_with_its_position, "does not say where the stream stood";
    settings_that_do_not_open: RefusesItsSettings, whole_settings_open_the_connector, "the tide is out";
    a_missing_setting_that_is_guessed: GuessesMissingSettings, a_missing_setting_is_named, "is missing, and the connector opens";
    settings_of_any_type: TakesSettingsOfAnyType, a_setting_of_the_wrong_type_is_named, "has the wrong type, and the connector opens";
    everything_that_is_buffered: BuffersEverything, a_slow_consumer_bounds_what_is_held, "the process grew by";
    a_thread_that_is_leaked: LeaksAThread, no_thread_and_no_handle_is_leaked, "threads are leaked";
    a_file_that_is_leaked: LeaksAFile, no_thread_and_no_handle_is_leaked, "open files are leaked";
}
