//! The journey as a manager drew it.

use std::collections::BTreeMap;

use crate::{Touchpoint, Trail};

/// A journey as it was drawn: stages in order.
#[derive(Clone, Debug)]
pub struct Design {
    stages: Vec<DesignedStage>,
    /// What customers pass through one after the other: a step of a stage, with those that may come alongside it.
    parts: Vec<Vec<DesignedStep>>,
    /// Where each touchpoint is: its part and its stage.
    places: BTreeMap<Touchpoint, (usize, usize)>,
}

/// A stage of a design.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct DesignedStage {
    /// Its touchpoints, in their order.
    pub steps: Vec<DesignedStep>,
    /// How long after coming to this stage customers should come to the next one.
    pub within_ms: Option<i64>,
}

/// A touchpoint of a design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct DesignedStep {
    /// Which one.
    pub touchpoint: Touchpoint,
    /// Everybody should meet it.
    pub is_required: bool,
    /// It may come more than once in a row of its place.
    pub is_repeatable: bool,
    /// It may come before, after or between those that stand before it in its stage, back to the one that this is not said of.
    pub is_alongside: bool,
}

/// A touchpoint is in a design twice, so that nobody can say where a customer who meets it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwiceInDesign(pub Touchpoint);

impl std::fmt::Display for TwiceInDesign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "touchpoint {} is in the design twice", self.0.0)
    }
}

impl std::error::Error for TwiceInDesign {}

impl Design {
    /// Makes a design of stages in order.
    pub fn new(stages: Vec<DesignedStage>) -> Result<Design, TwiceInDesign> {
        let (mut parts, mut places) = (Vec::new(), BTreeMap::new());
        for (number, stage) in stages.iter().enumerate() {
            for part in stage.steps.chunk_by(|_, next| next.is_alongside) {
                for step in part {
                    if places.insert(step.touchpoint, (parts.len(), number)).is_some() {
                        return Err(TwiceInDesign(step.touchpoint));
                    }
                }
                parts.push(part.to_vec());
            }
        }
        Ok(Design { stages, parts, places })
    }

    /// Gives the stages.
    pub fn stages(&self) -> &[DesignedStage] {
        &self.stages
    }

    /// Gives the stage that a touchpoint is in, counted from 0.
    pub fn stage_of(&self, touchpoint: Touchpoint) -> Option<usize> {
        self.places.get(&touchpoint).map(|(_, stage)| *stage)
    }

    /// Gives the number of required touchpoints: the length of the shortest way that fits.
    pub fn required(&self) -> u64 {
        self.parts.iter().flatten().filter(|step| step.is_required).count() as u64
    }

    /// Cuts what a customer went through into the ways they went: who has come to the last stage and meets the beginning again begins
    /// again. The beginning reaches to the first stage that requires something: who comes back need not see an ad first. Where that is
    /// the last stage as well, nobody can say when somebody begins again.
    pub(super) fn ways<'t>(&self, trail: Trail<'t>) -> impl Iterator<Item = Trail<'t>> + use<'t> {
        let stages = self.places.values().map(|(_, stage)| *stage);
        let requires = |stage: &usize| self.stages[*stage].steps.iter().any(|step| step.is_required);
        let beginning = stages.clone().filter(requires).min().or(stages.clone().min());
        let last = stages.max().filter(|last| Some(*last) != beginning);
        let mut starts = vec![0];
        let mut is_through = false;
        for (place, touchpoint) in trail.touchpoints.iter().enumerate() {
            let stage = self.stage_of(*touchpoint);
            if is_through && stage.is_some() && stage <= beginning {
                starts.push(place);
                is_through = false;
            }
            is_through |= stage.is_some() && stage == last;
        }
        let ends: Vec<usize> = starts[1..].iter().copied().chain([trail.times.len()]).collect();
        starts.into_iter().zip(ends).map(move |(start, end)| Trail {
            touchpoints: &trail.touchpoints[start..end],
            times: &trail.times[start..end],
            ..trail
        })
    }

    pub(super) fn parts(&self) -> &[Vec<DesignedStep>] {
        &self.parts
    }

    /// Gives the part that a touchpoint is in, and its step.
    pub(super) fn step(&self, touchpoint: Touchpoint) -> Option<(usize, DesignedStep)> {
        let (part, _) = self.places.get(&touchpoint)?;
        let step = self.parts[*part].iter().find(|step| step.touchpoint == touchpoint)?;
        Some((*part, *step))
    }
}
