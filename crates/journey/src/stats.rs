//! The statistics that kernels stand on: intervals of proportions, comparisons within strata, intervals that know the same
//! customer comes many times, and a guard against finding something by looking often.
//!
//! Everything here is a function of numbers; it knows nothing of customers and touchpoints.
//!
//! - Normal distribution: Marsaglia, Evaluating the Normal Distribution, Journal of Statistical Software 11 (4), 2004.
//! - Student's distribution: by its continued relation to the normal one, Abramowitz & Stegun 26.7.5 and 26.7.8; right to four
//!   digits from ten degrees of freedom on, where it is used.
//! - [`wilson`]: Wilson 1927; Newcombe, Statistics in Medicine 17, 1998, method 3.
//! - [`mantel_haenszel`]: Greenland & Robins, Biometrics 41, 1985, formulas for risk ratio and risk difference.
//! - [`false_discovery`]: Benjamini & Hochberg, Journal of the Royal Statistical Society B 57, 1995.
//! - [`jackknife`]: the delete-a-group jackknife, Kott, Journal of Official Statistics 17, 2001.

use std::f64::consts::PI;

/// The quantile that an interval of 95 % reaches to on either side.
pub const Z95: f64 = 1.959_963_984_540_054;

/// A figure with its interval of 95 %.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

impl Estimate {
    /// Gives the estimate with figure and interval passed through a rising function.
    pub fn map(self, rising: impl Fn(f64) -> f64) -> Estimate {
        Estimate {
            value: rising(self.value),
            low: rising(self.low),
            high: rising(self.high),
        }
    }
}

/// Gives the probability that a standard normal variable is below `x`.
pub fn normal(x: f64) -> f64 {
    // Beyond this the sum below loses digits to cancellation, and the tail is smaller than anyone asks for.
    if x.abs() > 7.0 {
        return if x < 0.0 { 0.0 } else { 1.0 };
    }
    let (mut sum, mut term, mut odd) = (x, x, 3.0);
    while term.abs() > f64::EPSILON * sum.abs() / 4.0 {
        term *= x * x / odd;
        sum += term;
        odd += 2.0;
    }
    0.5 + sum * density(x)
}

fn density(x: f64) -> f64 {
    (-x * x / 2.0).exp() / (2.0 * PI).sqrt()
}

/// Gives the point that a standard normal variable is below with this probability, between 0 and 1.
pub fn normal_quantile(probability: f64) -> f64 {
    if probability <= 0.0 || probability >= 1.0 {
        return if probability <= 0.0 {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
    }
    // Halving cannot leave the interval, as Newton's method can far out in the tails.
    let (mut low, mut high) = (-7.0, 7.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if normal(middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

/// Gives the probability that Student's variable with so many degrees of freedom is below `t`.
pub fn student(t: f64, freedom: f64) -> f64 {
    normal(t * (1.0 - 1.0 / (4.0 * freedom)) / (1.0 + t * t / (2.0 * freedom)).sqrt())
}

/// Gives the point that Student's variable is below with this probability.
pub fn student_quantile(probability: f64, freedom: f64) -> f64 {
    let x = normal_quantile(probability);
    let first = (x.powi(3) + x) / 4.0;
    let second = (5.0 * x.powi(5) + 16.0 * x.powi(3) + 3.0 * x) / 96.0;
    let third = (3.0 * x.powi(7) + 19.0 * x.powi(5) + 17.0 * x.powi(3) - 15.0 * x) / 384.0;
    let fourth =
        (79.0 * x.powi(9) + 776.0 * x.powi(7) + 1482.0 * x.powi(5) - 1920.0 * x.powi(3) - 945.0 * x) / 92_160.0;
    x + first / freedom + second / freedom.powi(2) + third / freedom.powi(3) + fourth / freedom.powi(4)
}

/// Gives a share with its interval of 95 % by Wilson's score; nothing of nothing is no share.
pub fn wilson(hits: u64, of: u64) -> Option<Estimate> {
    if of == 0 {
        return None;
    }
    let (n, share, z) = (of as f64, hits as f64 / of as f64, Z95);
    let scale = 1.0 + z * z / n;
    let centre = (share + z * z / (2.0 * n)) / scale;
    let reach = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt() / scale;
    Some(Estimate {
        value: share,
        low: (centre - reach).max(0.0),
        high: (centre + reach).min(1.0),
    })
}

/// One stratum: how many of the exposed and of the others were hit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stratum {
    /// The exposed that were hit.
    pub exposed_hits: f64,
    /// The exposed.
    pub exposed: f64,
    /// The others that were hit.
    pub other_hits: f64,
    /// The others.
    pub others: f64,
}

/// A comparison within strata, for rows that are independent of each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MantelHaenszel {
    /// How many times more likely the exposed are hit; none where no other was.
    pub risk_ratio: Option<Estimate>,
    /// How much more likely they are.
    pub risk_difference: Estimate,
}

/// Compares the exposed with the others within strata; none where no stratum has both.
pub fn mantel_haenszel(strata: &[Stratum]) -> Option<MantelHaenszel> {
    let [mut numerator, mut denominator, mut weight, mut product, mut spread] = [0.0; 5];
    for stratum in strata {
        let Stratum {
            exposed_hits: a,
            exposed: m,
            other_hits: b,
            others: n,
        } = *stratum;
        let all = m + n;
        if m == 0.0 || n == 0.0 {
            continue;
        }
        numerator += a * n / all;
        denominator += b * m / all;
        weight += m * n / all;
        product += (m * n * (a + b) - a * b * all) / (all * all);
        spread += (a * (m - a) * n.powi(3) + b * (n - b) * m.powi(3)) / (m * n * all * all);
    }
    if weight == 0.0 {
        return None;
    }
    let difference = (numerator - denominator) / weight;
    let reach = Z95 * spread.sqrt() / weight;
    let ratio = numerator / denominator;
    let factor = (Z95 * (product / (numerator * denominator)).sqrt()).exp();
    Some(MantelHaenszel {
        risk_ratio: (numerator > 0.0 && denominator > 0.0).then_some(Estimate {
            value: ratio,
            low: ratio / factor,
            high: ratio * factor,
        }),
        risk_difference: Estimate {
            value: difference,
            low: difference - reach,
            high: difference + reach,
        },
    })
}

/// Gives for each p-value the smallest share of false discoveries at which it would count as one; order is kept.
pub fn false_discovery(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|one, other| p_values[*other].total_cmp(&p_values[*one]));
    let (mut least, mut found) = (1.0_f64, vec![1.0; p_values.len()]);
    for (place, index) in order.into_iter().enumerate() {
        let rank = p_values.len() - place;
        least = least.min(p_values[index] * p_values.len() as f64 / rank as f64);
        found[index] = least;
    }
    found
}

/// A figure and how far it swings when a part of the customers is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swing {
    /// The figure from all parts.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
    /// The degrees of freedom of the standard error.
    pub freedom: f64,
}

/// The fewest parts that an interval is given for: with fewer, the standard error is a guess.
pub const LEAST_PARTS: usize = 10;

/// Computes a figure from all parts and again without each of them. A customer must be in one part only: then it does not matter
/// how often a customer comes. `figure` gets the part to leave out.
///
/// None when there are too few parts, or when the figure cannot be had without one of them.
pub fn jackknife(parts: &[usize], figure: impl Fn(Option<usize>) -> Option<f64>) -> Option<Swing> {
    if parts.len() < LEAST_PARTS {
        return None;
    }
    let value = figure(None)?;
    let mut squares = 0.0;
    for part in parts {
        squares += (figure(Some(*part))? - value).powi(2);
    }
    let freedom = parts.len() as f64 - 1.0;
    Some(Swing {
        value,
        error: (squares * freedom / (freedom + 1.0)).sqrt(),
        freedom,
    })
}

impl Swing {
    /// Gives the figure with its interval of 95 %.
    pub fn estimate(self) -> Estimate {
        let reach = self.error * student_quantile(0.975, self.freedom);
        Estimate {
            value: self.value,
            low: self.value - reach,
            high: self.value + reach,
        }
    }

    /// Gives the probability of a figure at least so high if the truth were zero.
    pub fn chance_of_more(self) -> f64 {
        if self.error == 0.0 {
            return if self.value > 0.0 { 0.0 } else { 1.0 };
        }
        1.0 - student(self.value / self.error, self.freedom)
    }

    /// Gives the probability of a figure at most so high if the truth were zero.
    pub fn chance_of_less(self) -> f64 {
        Swing {
            value: -self.value,
            ..self
        }
        .chance_of_more()
    }
}

/// A small generator of chance for resampling: the same seed gives the same numbers everywhere.
///
/// `SplitMix64`: Steele, Lea & Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Starts at a seed.
    pub const fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    /// Gives a number of 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Gives a number from 0 to below 1.
    pub fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Gives a whole number below `end`, which is above 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.share() * end as f64) as usize
    }
}

/// Gives the interval of 95 % that a figure has when whole clusters are drawn again and again, as many as there are, with repeats:
/// the percentile bootstrap by cluster. `figure` gets how often each cluster was drawn.
pub fn bootstrap(
    clusters: usize,
    rounds: usize,
    seed: u64,
    figure: impl Fn(&[u32]) -> Option<f64>,
) -> Option<Estimate> {
    let value = figure(&vec![1; clusters])?;
    let mut chance = Chance::new(seed);
    let mut drawn = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let mut times = vec![0; clusters];
        (0..clusters).for_each(|_| times[chance.below(clusters)] += 1);
        drawn.extend(figure(&times));
    }
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| drawn.get((share * drawn.len() as f64) as usize).copied();
    Some(Estimate {
        value,
        low: at(0.025)?,
        high: at(0.975)?,
    })
}

#[cfg(test)]
mod tests;
