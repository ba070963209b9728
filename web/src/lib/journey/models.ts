/** The models of attribution in the reader's words. */
import { m } from '../paraglide/messages';
import type { Model } from './credits';

export const MODEL_WORDS: Record<Model, () => string> = {
  first: m.model_first,
  last: m.model_last,
  linear: m.model_linear,
  position: m.model_position,
  time_decay: m.model_time_decay,
  markov: m.model_markov,
  shapley: m.model_shapley,
};
/** What a model says; where time decays, with the days after which a touch counts half. */
export const MODEL_MEANS: Record<Model, (half: number) => string> = {
  first: m.model_first_means,
  last: m.model_last_means,
  linear: m.model_linear_means,
  position: m.model_position_means,
  time_decay: (half) =>
    half === 1 ? m.model_time_decay_day_means() : m.model_time_decay_means({ days: half }),
  markov: m.model_markov_means,
  shapley: m.model_shapley_means,
};
