//! The graph of what contributed, as far as the aid asks about it.

/// Contributors and which led to which.
#[derive(Debug, Clone, Copy)]
pub struct Graph<'a> {
    /// For each node whether it is a person.
    pub people: &'a [bool],
    /// From one node to another, by their places in `people`; others are left out.
    pub edges: &'a [(usize, usize)],
}

impl Graph<'_> {
    /// Whether all nodes stand in one line of at least three steps, or a line of any length ends in a person. An empty graph, a
    /// branching one and a circle are no line.
    pub fn is_single_chain(&self) -> bool {
        let count = self.people.len();
        let edges = || self.edges.iter().filter(|(from, to)| *from < count && *to < count && from != to);
        if count < 2 || edges().count() + 1 != count {
            return false;
        }
        let mut next = vec![None; count];
        let mut entered = vec![false; count];
        for (from, to) in edges() {
            if next[*from].is_some() || entered[*to] {
                return false;
            }
            next[*from] = Some(*to);
            entered[*to] = true;
        }
        let Some(mut at) = entered.iter().position(|entered| !entered) else { return false };
        let mut length = 1;
        while let Some(to) = next[at] {
            at = to;
            length += 1;
        }
        length == count && (count > 3 || self.people[at])
    }
}

#[cfg(test)]
mod tests {
    use super::Graph;

    #[test]
    fn a_line_is_asked_about_and_a_web_is_not() {
        let chain = |people: &[bool], edges: &[(usize, usize)]| Graph { people, edges }.is_single_chain();
        let nobody = [false; 4];
        assert!(chain(&nobody, &[(0, 1), (1, 2), (2, 3)]));
        assert!(chain(&[false, true], &[(0, 1)]), "a line that ends in a person");
        assert!(!chain(&[true, false], &[(0, 1)]));
        assert!(!chain(&nobody, &[(0, 3), (1, 3), (2, 3)]), "several things that came together");
        assert!(!chain(&nobody, &[(0, 1), (1, 2), (2, 0)]), "a circle beside something else");
        assert!(!chain(&nobody, &[(0, 9), (1, 2), (2, 3)]), "an edge that leads nowhere");
        assert!(!chain(&[], &[]));
    }
}
