//! What of the journeys a question is about: days, a stage, a channel; and what the catalogue says of it.

use std::sync::Arc;

use domain::{CustomerId, SegmentId, StageId, Time, TouchpointId, touchpoint::TouchpointRole};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use journey::{Design, DesignedStage, DesignedStep, Filter, Touchpoint, TouchpointSet};
use store::{
    Tx, segments, settings,
    touchpoints::{self, Stage},
};

use crate::{
    app::Shared,
    http::{
        ask,
        problem::{Answer, Problem},
    },
    journeys,
};

/// Declares what a question takes: the days, stage and channel that all questions take, and fields of its own.
macro_rules! question {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            /// The first day, `YYYY-MM-DD` in the company's zone [default: the very first].
            #[param(value_type = Option<String>, format = Date)]
            from: Option<jiff::civil::Date>,
            /// The last day [default: today].
            #[param(value_type = Option<String>, format = Date)]
            to: Option<jiff::civil::Date>,
            /// Only touchpoints of this stage.
            stage: Option<domain::StageId>,
            /// Only touchpoints on this channel.
            channel: Option<String>,
            /// Only customers who belong to this segment now.
            segment: Option<domain::SegmentId>,
            $($(#[$field_meta])* $field: $kind,)*
        }

        impl $name {
            /// Gives what the question is about.
            pub async fn scope(&self, app: &crate::app::Shared) -> crate::http::problem::Answer<$crate::api::journey::scope::Scope> {
                let of = $crate::api::journey::scope::Of {
                    days: (self.from, self.to),
                    stage: self.stage,
                    channel: self.channel.as_deref(),
                    segment: self.segment,
                };
                $crate::api::journey::scope::find(app, of).await
            }
        }
    };
}
pub(super) use question;

/// An hour as the kernels count time.
pub const HOUR_MS: i64 = 3_600_000;
/// A day as the kernels count time.
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// How many people are named behind a finding where the question does not say.
pub const PEOPLE: usize = 50;

/// Refuses a number outside of what makes sense.
pub fn within<T: PartialOrd + std::fmt::Display + Copy>(field: &str, value: T, (least, most): (T, T)) -> Answer<T> {
    if !(least..=most).contains(&value) {
        return Err(Problem::invalid(field, format!("must be from {least} to {most}")));
    }
    Ok(value)
}

/// What a question is about, as the kernels take it.
pub struct Scope {
    /// What is looked at. What the catalogue hides is left out.
    pub filter: Filter,
    /// The same with every touchpoint and every call for help, whatever stage and channel are asked for, and from the very first day:
    /// trouble is found by what stands around it and before it.
    pub whole: Filter,
    /// From when on is counted what is found in the whole, in milliseconds.
    pub since: Option<i64>,
    /// The touchpoints that are calls for help.
    pub contacts: TouchpointSet,
    /// The stage of each touchpoint, by its number: its place among the stages.
    pub stages: Vec<Option<u8>>,
    /// The time up to which everything is known, in milliseconds.
    pub until: i64,
    /// The zone that days are counted in.
    pub zone: TimeZone,
    /// The catalogue.
    pub catalogue: Vec<touchpoints::Touchpoint>,
    /// The stages in their order.
    pub order: Vec<Stage>,
}

/// What a question asks to be about.
#[derive(Debug, Clone, Copy, Default)]
pub struct Of<'q> {
    /// The first and the last day.
    pub days: (Option<Date>, Option<Date>),
    /// Only touchpoints of this stage.
    pub stage: Option<StageId>,
    /// Only touchpoints on this channel.
    pub channel: Option<&'q str>,
    /// Only customers of this segment.
    pub segment: Option<SegmentId>,
}

/// Finds what a question is about.
pub async fn find(app: &Shared, of: Of<'_>) -> Answer<Scope> {
    let Of {
        stage,
        channel,
        segment,
        days: (from, to),
    } = of;
    let look = move |tx: &mut Tx| {
        let zone = settings::get(tx)?.zone();
        let customers = segment.map(|segment| members(tx, "segment", segment)).transpose()?;
        Ok::<_, Problem>((zone, touchpoints::list(tx)?, touchpoints::stages(tx)?, customers))
    };
    // First the log: a touchpoint that it has learned of is in the catalogue then.
    journeys::catch_up(app).await?;
    let (zone, catalogue, order, customers) = app.store.read(look).await?;
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        return Err(Problem::invalid(
            "to",
            format!("is {to}, before 'from', which is {from}"),
        ));
    }
    if stage.is_some_and(|stage| order.iter().all(|other| other.id != stage)) {
        return Err(Problem::invalid("stage", "must be a stage that is there"));
    }
    let start = |field, day: Option<Date>| day.map(|day| ask::start_of_day(field, day, &zone)).transpose();
    let end = start("to", to.map(|to| to.saturating_add(1.day())))?;
    let is_wanted = |row: &&touchpoints::Touchpoint| {
        !row.is_hidden
            && stage.is_none_or(|stage| row.stage_id == Some(stage))
            && channel.is_none_or(|channel| row.channel == channel)
    };
    let filter = Filter {
        from: start("from", from)?.map(millis),
        to: end.map(millis),
        touchpoints: Some(catalogue.iter().filter(is_wanted).map(number).collect()),
        customers: customers.map(|ids| Arc::new(ids.into_iter().collect())),
    };
    let is_around = |row: &&touchpoints::Touchpoint| row.is_contact || !row.is_hidden;
    let whole = Filter {
        from: None,
        touchpoints: Some(catalogue.iter().filter(is_around).map(number).collect()),
        ..filter.clone()
    };
    let now = app.universe.now();
    Ok(Scope {
        since: filter.from,
        filter,
        whole,
        contacts: catalogue.iter().filter(|row| row.is_contact).map(number).collect(),
        stages: stages(&catalogue, &order),
        until: millis(end.map_or(now, |end| end.min(now))),
        zone,
        catalogue,
        order,
    })
}

/// Gives the customers of a segment that a field of the question names.
pub fn members(tx: &mut Tx, field: &str, segment: SegmentId) -> Answer<Vec<CustomerId>> {
    if segments::list(tx)?.iter().all(|other| other.id != segment) {
        return Err(Problem::invalid(field, "must be a segment that is there"));
    }
    Ok(segments::all_members(tx, segment)?)
}

impl Scope {
    /// Reads a list of touchpoints, such as `3,5`.
    pub fn touchpoints(&self, field: &str, list: &str) -> Answer<Vec<Touchpoint>> {
        list.split(',').map(|id| self.touchpoint(field, id)).collect()
    }

    /// Reads a touchpoint's number.
    pub fn touchpoint(&self, field: &str, id: &str) -> Answer<Touchpoint> {
        let id: Option<TouchpointId> = id.trim().parse().ok();
        let row = self.catalogue.iter().find(|row| Some(row.id) == id);
        row.map(number)
            .ok_or_else(|| Problem::invalid(field, "must name touchpoints that are there, by their numbers"))
    }

    /// Says whether a touchpoint is one of those that are asked for.
    pub fn is_shown(&self) -> impl Fn(Touchpoint) -> bool + Send + use<> {
        let shown = self.filter.touchpoints.clone();
        move |touchpoint| shown.as_ref().is_none_or(|shown| shown.contains(touchpoint))
    }

    /// Gives the place of a stage among the stages.
    pub fn place(&self, stage: StageId) -> Option<u8> {
        let place = self.order.iter().position(|other| other.id == stage)?;
        u8::try_from(place).ok()
    }

    /// Gives what is looked at from the very first day: who is new is told by what was before.
    pub fn history(&self) -> Filter {
        Filter {
            from: None,
            ..self.filter.clone()
        }
    }

    /// Gives the whole without the touchpoints that are in no stage: of those the design cannot say anything.
    pub fn in_stages(&self) -> Filter {
        let is_placed = |row: &&touchpoints::Touchpoint| row.stage_id.is_some() && !row.is_hidden;
        Filter {
            touchpoints: Some(self.catalogue.iter().filter(is_placed).map(number).collect()),
            ..self.whole.clone()
        }
    }

    /// Gives the journey as it was designed: the stages in order, each with the touchpoints that have a role in it.
    pub fn design(&self) -> Answer<Design> {
        let stage = |stage: &Stage| DesignedStage {
            steps: self
                .catalogue
                .iter()
                .filter(|row| row.stage_id == Some(stage.id))
                .filter_map(step)
                .collect(),
            within_ms: stage.within_hours.map(|hours| hours * HOUR_MS),
        };
        let design = Design::new(self.order.iter().map(stage).collect());
        design.map_err(|error| Problem::from(anyhow::Error::new(error)))
    }
}

fn step(row: &touchpoints::Touchpoint) -> Option<DesignedStep> {
    let is_designed = row.role != TouchpointRole::Free && !row.is_hidden;
    is_designed.then(|| DesignedStep {
        touchpoint: number(row),
        is_required: row.role == TouchpointRole::Required,
        is_repeatable: row.repeats,
        is_alongside: row.is_alongside,
    })
}

fn stages(catalogue: &[touchpoints::Touchpoint], order: &[Stage]) -> Vec<Option<u8>> {
    let length = catalogue.iter().map(|row| number(row).index() + 1).max().unwrap_or(0);
    let mut stages = vec![None; length];
    for row in catalogue {
        let place = order.iter().position(|stage| Some(stage.id) == row.stage_id);
        stages[number(row).index()] = place.and_then(|place| u8::try_from(place).ok());
    }
    stages
}

fn number(row: &touchpoints::Touchpoint) -> Touchpoint {
    journeys::number(row.id)
}

fn millis(time: Time) -> i64 {
    time.0.div_euclid(1_000)
}
