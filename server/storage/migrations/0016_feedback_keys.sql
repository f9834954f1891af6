-- oldest: 9
-- A digest of the key under which somebody answered, so that a repetition is known as one. The key is random and
-- says nothing of the answer; none is kept of the answer, which could be guessed from it. An older release that
-- writes an answer drops the digests: a repetition is then told that it has answered, as before.
alter table feedback_given add column key_print text;
