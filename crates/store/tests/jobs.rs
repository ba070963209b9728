//! Jobs and their leases, on both databases.

use domain::{JobId, Time};
use store::{
    Error,
    jobs::{self, NewJob, Room},
    testing::each_database,
};

#[tokio::test]
async fn only_the_lease_of_a_job_at_work_is_prolonged() {
    for test in each_database() {
        let taken = test.store.write(|tx| {
            for n in 0..2 {
                jobs::add(tx, &NewJob::now("any", &n, Time(0)), Time(0))?;
            }
            let held = jobs::lease(tx, "me", Time(0), Time(10), Room::any(10))?;
            jobs::prolong(tx, "me", &[held[0].id], Time(100))?;
            let taken = jobs::lease(tx, "another", Time(50), Time(60), Room::any(10))?;
            let ids = |jobs: &[jobs::Job]| jobs.iter().map(|job| job.id).collect::<Vec<JobId>>();
            Ok::<_, Error>((ids(&held[1..]), ids(&taken)))
        });
        let (lost, taken) = taken.await.unwrap();
        assert_eq!(taken, lost, "{:?}", test.dialect());
    }
}

#[tokio::test]
async fn a_job_that_was_laid_aside_begins_anew_when_it_is_added_again() {
    for test in each_database() {
        let jobs = test.store.write(|tx| {
            let job = NewJob::now("any", &1, Time(0)).once("key".to_owned());
            jobs::add(tx, &job, Time(0))?;
            let id = jobs::lease(tx, "me", Time(0), Time(10), Room::any(1))?[0].id;
            jobs::add(tx, &job.clone().at(Time(5)), Time(5))?;
            let leased = jobs::get(tx, id)?.map(|job| job.state);
            jobs::failed(tx, id, "me", "in vain", None)?;
            jobs::add(tx, &job.at(Time(7)), Time(7))?;
            Ok::<_, Error>((leased, jobs::get(tx, id)?))
        });
        let (leased, job) = jobs.await.unwrap();
        let job = job.expect("it is there");
        assert_eq!(leased.as_deref(), Some("leased"), "a job at work is left alone");
        assert_eq!((job.state.as_str(), job.run_at, job.tries), ("ready", Time(7), 0));
    }
}

#[tokio::test]
async fn a_backlog_of_the_second_lane_takes_only_its_own_room() {
    for test in each_database() {
        let taken = test.store.write(|tx| {
            for n in 0..5 {
                let bulk = NewJob {
                    lane: 1,
                    ..NewJob::now("bulk", &n, Time(0))
                };
                jobs::add(tx, &bulk, Time(0))?;
            }
            jobs::add(tx, &NewJob::now("answer", &0, Time(7)), Time(7))?;
            let lanes = |jobs: Vec<jobs::Job>| jobs.iter().map(|job| job.lane).collect::<Vec<_>>();
            let tight = Room {
                bulk: 2,
                ..Room::any(4)
            };
            let first = lanes(jobs::lease(tx, "me", Time(9), Time(99), tight)?);
            let full = Room {
                bulk: 0,
                errands: 0,
                ..Room::any(2)
            };
            let due = jobs::next_due(tx, full)?;
            let none = lanes(jobs::lease(tx, "me", Time(9), Time(99), full)?);
            let rest = lanes(jobs::lease(tx, "me", Time(9), Time(99), Room::any(2))?);
            Ok::<_, Error>((first, due, none, rest))
        });
        let expected = (vec![0, 1, 1], Some(Time(99)), vec![], vec![1, 1]);
        assert_eq!(taken.await.unwrap(), expected, "{:?}", test.dialect());
    }
}

#[tokio::test]
async fn errands_take_no_room_from_texts_and_texts_none_from_them() {
    for test in each_database() {
        let taken = test.store.write(|tx| {
            for n in 0..5 {
                jobs::add(tx, &NewJob::now("errand", &n, Time(0)).errand(), Time(0))?;
            }
            let lanes = |jobs: Vec<jobs::Job>| jobs.iter().map(|job| job.lane).collect::<Vec<_>>();
            let first = lanes(jobs::lease(
                tx,
                "me",
                Time(9),
                Time(99),
                Room {
                    errands: 2,
                    ..Room::any(4)
                },
            )?);
            jobs::add(tx, &NewJob::now("answer", &0, Time(7)), Time(7))?;
            let slow = Room {
                errands: 0,
                ..Room::any(4)
            };
            let due = jobs::next_due(tx, slow)?;
            let answer = lanes(jobs::lease(tx, "me", Time(9), Time(99), slow)?);
            let busy = Room {
                all: 0,
                bulk: 0,
                errands: 9,
            };
            let due_beside = jobs::next_due(tx, busy)?;
            let rest = lanes(jobs::lease(tx, "me", Time(9), Time(99), busy)?);
            Ok::<_, Error>((first, due, answer, due_beside, rest))
        });
        let expected = (vec![2, 2], Some(Time(7)), vec![0], Some(Time(0)), vec![2, 2, 2]);
        assert_eq!(taken.await.unwrap(), expected, "{:?}", test.dialect());
    }
}
