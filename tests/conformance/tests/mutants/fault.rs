//! What can be broken in a connector.

/// One thing that a broken connector does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    // Discovery
    ForgetsTheKey,
    LiesAboutNull,
    LiesAboutAType,
    LosesAColumn,
    SwapsColumnNames,
    HidesATable,
    IgnoresTheChoiceOfColumns,
    QuotesNoNames,
    FindsTooMuch,
    // Rows
    DropsTheLastRow,
    RepeatsARow,
    SwapsTwoValues,
    NullsBecomeValues,
    ValuesBecomeNull,
    CutsLongTexts,
    RoundsNumbers,
    LosesMicroseconds,
    TellsTheWrongTable,
    PanicsOnAnEmptyTable,
    // Changes
    TellsTheNewRowAsTheOld,
    TellsOldRowsInPart,
    LosesADelete,
    TellsUpdatesAsInserts,
    LosesTruncates,
    LosesKeyChanges,
    NoBegin,
    NoCommit,
    ChangesBeforeTheSnapshotIsDone,
    SnapshotEndsElsewhere,
    GapAfterTheSnapshot,
    DoublesAfterTheSnapshot,
    // Positions
    ReusesAPosition,
    PositionsGoBack,
    OrderDiffers,
    SkipsATransactionAtResume,
    RepeatsATransactionAtResume,
    LosesTheRestOfATransaction,
    ForgetsBeforeItIsStored,
    // Failures
    SwallowsErrors,
    EndsEarly,
    SwallowsPanics,
    // Settings
    ShowsItsSecret,
    TakesUnknownSettings,
    // Flow
    ReadersShareAPosition,
    BuffersEverything,
    IgnoresAStop,
    // Traces
    LeaksAThread,
    LeaksAFile,
    LeavesATable,
    PreparesAgainAndAgain,
    // A fault that only some histories bring out
    LosesTheFifthChange,
}
