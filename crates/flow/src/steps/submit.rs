//! `submit`: submits the request that was filed to a partner, whose answer changes the request later.

use serde::Serialize;

use crate::{
    engine::{Next, Outcome, Run},
    reading::Reading,
    session::Effect,
    step::Act,
    yaml::Node,
};

/// Submits the request that was filed to a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Submit {
    /// The partner's name.
    pub partner: String,
}

impl Submit {
    pub(crate) fn read(node: &Node, reading: &mut Reading) -> Submit {
        Submit {
            partner: reading.text(node, "'submit'"),
        }
    }
}

impl Act for Submit {
    fn enter(&self, run: &mut Run) -> Outcome {
        let Some(request) = &mut run.session.request else {
            return Err("there is nothing to submit: no request was filed in this session".to_owned());
        };
        request.status = "submitted".to_owned();
        run.effects.push(Effect::Submit {
            partner: self.partner.clone(),
        });
        Ok(Next::Then)
    }

    fn text(&self) -> String {
        self.partner.clone()
    }
}
