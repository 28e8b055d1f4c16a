//! Random histories, made smaller where one fails.

use crate::bench::Context;
use crate::outcome::Outcome;

#[cfg(feature = "histories")]
pub(crate) fn random_histories_are_told_as_they_happened(context: &Context<'_>) -> Outcome {
    random::each(context, random::told)
}

#[cfg(feature = "histories")]
pub(crate) fn random_histories_survive_stops(context: &Context<'_>) -> Outcome {
    random::each(context, random::stopped)
}

#[cfg(not(feature = "histories"))]
pub(crate) fn random_histories_are_told_as_they_happened(_: &Context<'_>) -> Outcome {
    crate::outcome::Done::not_applicable("the kit was built without its feature `histories`")
}

#[cfg(not(feature = "histories"))]
pub(crate) fn random_histories_survive_stops(_: &Context<'_>) -> Outcome {
    crate::outcome::Done::not_applicable("the kit was built without its feature `histories`")
}

#[cfg(feature = "histories")]
mod random {
    use std::cell::Cell;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

    use super::super::needs;
    use crate::bench::{Bench, Context, Step};
    use crate::outcome::{Done, Failure, Outcome};
    use crate::reading::Reading;
    use crate::replay::Replayed;
    use crate::subject::last_checkpoint;

    /// Transactions, some of them before the first reading; and how many messages are taken between stops.
    type History = (Vec<Transaction>, Vec<Transaction>, Vec<usize>);

    /// The steps of one transaction, or of two that are open at once.
    #[derive(Debug, Clone)]
    pub(super) enum Transaction {
        Alone(Vec<Step>),
        Interleaved(Vec<Step>, Vec<Step>),
    }

    impl Transaction {
        fn apply(&self, bench: &mut Bench<'_>) {
            match self {
                Self::Alone(steps) => bench.transaction(steps),
                Self::Interleaved(first, second) => drop(bench.interleave(first, second)),
            }
        }
    }

    /// How many histories are tried unless `PROPTEST_CASES` says otherwise.
    const CASES: u32 = 12;
    /// The same of a source that is slow to read.
    const SLOW_CASES: u32 = 4;
    /// The same of every source where `DOZER_CONFORMANCE_FULL` is set.
    const FULL_CASES: u32 = 200;

    fn step(tables: usize) -> impl Strategy<Value = Step> {
        let table = 0..tables;
        let pick = 0..16_usize;
        prop_oneof![
            8 => table.clone().prop_map(Step::Insert),
            5 => (table.clone(), pick.clone()).prop_map(|(table, pick)| Step::Update(table, pick)),
            2 => (table.clone(), pick.clone()).prop_map(|(table, pick)| Step::ChangeKey(table, pick)),
            4 => (table.clone(), pick).prop_map(|(table, pick)| Step::Delete(table, pick)),
            1 => table.prop_map(Step::Truncate),
        ]
    }

    fn history(tables: usize) -> impl Strategy<Value = History> {
        let steps = move || vec(step(tables), 1..8);
        let transaction = move || {
            prop_oneof![
                3 => steps().prop_map(Transaction::Alone),
                1 => (steps(), steps()).prop_map(|(a, b)| Transaction::Interleaved(a, b)),
            ]
        };
        let transactions = |most| vec(transaction(), 0..most);
        (transactions(4), transactions(10), vec(0..9_usize, 1..5))
    }

    pub(super) fn each(
        context: &Context<'_>,
        holds: fn(&Context<'_>, &History) -> Result<usize, Failure>,
    ) -> Outcome {
        needs!(context, Follow);
        let cases = std::env::var("PROPTEST_CASES")
            .ok()
            .and_then(|cases| cases.parse().ok());
        let usual = if std::env::var_os("DOZER_CONFORMANCE_FULL").is_some() {
            FULL_CASES
        } else if context.capabilities.slow {
            SLOW_CASES
        } else {
            CASES
        };
        let config = Config {
            cases: cases.unwrap_or(usual),
            max_shrink_iters: 200,
            failure_persistence: None,
            ..Config::default()
        };
        // The same histories each time, unless more than usual are asked for.
        let mut runner = match cases {
            Some(_) => TestRunner::new(config),
            None => {
                TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
            }
        };
        let told = Cell::new(0);
        let tables = context.tables().len();
        let ran = runner.run(&history(tables), |history| match holds(context, &history) {
            Ok(count) => {
                told.set(told.get() + count);
                Ok(())
            }
            Err(failure) => Err(TestCaseError::fail(failure.to_string())),
        });
        match ran {
            Ok(()) => Done::passed(told.get(), "messages of random histories"),
            Err(TestError::Fail(reason, smallest)) => Err(Failure::new(format!(
                "{reason}; the smallest history that fails: before the first reading {:?}, then {:?}, stops after {:?}",
                smallest.0, smallest.1, smallest.2
            ))),
            Err(TestError::Abort(reason)) => Err(Failure::new(reason.to_string())),
        }
    }

    /// Reads a history from its start and again from where the first reading ended.
    pub(super) fn told(context: &Context<'_>, history: &History) -> Result<usize, Failure> {
        let (before, after, _) = history;
        let mut bench = context.bench()?;
        for transaction in before {
            transaction.apply(&mut bench);
        }
        let subject = bench.subject();
        let begun = bench.begin(&subject)?;
        for transaction in after {
            transaction.apply(&mut bench);
        }
        let mut replayed = Replayed::of(&subject.schemas()?, &begun.messages)?;
        let changes = subject.messages(begun.checkpoint)?;
        for message in &changes {
            replayed.apply(message)?;
        }
        bench.state.rows().must_be(&replayed.rows())?;
        Ok(begun.messages.len() + changes.len())
    }

    /// Reads a history in pieces: each is left after some messages, and the next one begins at the last position that is
    /// complete.
    pub(super) fn stopped(context: &Context<'_>, history: &History) -> Result<usize, Failure> {
        let (before, after, stops) = history;
        let mut bench = context.bench()?;
        for transaction in before {
            transaction.apply(&mut bench);
        }
        let subject = bench.subject();
        let begun = bench.begin(&subject)?;
        let mut stored = Replayed::of(&subject.schemas()?, &begun.messages)?;
        let mut checkpoint = begun.checkpoint;
        let mut told = begun.messages.len();
        for (transaction, take) in after.iter().zip(stops.iter().cycle()) {
            transaction.apply(&mut bench);
            let until = subject.until()?;
            let mut reading = Reading::start(&subject, checkpoint.clone(), until);
            let mut taken = Vec::new();
            while taken.len() < *take {
                match reading.next()? {
                    Some(message) => taken.push(message),
                    None => break,
                }
            }
            reading.stop()?;
            told += taken.len();
            // What came after the last commit was never stored.
            let whole = taken
                .iter()
                .rposition(|message| {
                    matches!(message, connector_core::ingest::IngestionMessage::Commit(_))
                })
                .map_or(0, |last| last + 1);
            taken.truncate(whole);
            for message in &taken {
                stored.apply(message)?;
            }
            checkpoint = last_checkpoint(&taken, checkpoint);
        }
        let rest = subject.messages(checkpoint)?;
        for message in &rest {
            stored.apply(message)?;
        }
        bench.state.rows().must_be(&stored.rows())?;
        Ok(told + rest.len())
    }
}
