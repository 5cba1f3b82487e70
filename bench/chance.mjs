// Chance that repeats itself: the same seed gives the same corpus and the same load on every machine.

/** A source of numbers in [0, 1) from a 32-bit seed (splitmix32). */
export function chance (seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32
  }
  return {
    next,
    /** A whole number from `low` to `high`, both included. */
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: list => list[Math.floor(next() * list.length)],
    happens: share => next() < share,
    /** Time until the next of events that come at random, `mean` apart (a Poisson process). */
    wait: mean => -mean * Math.log(1 - next())
  }
}
