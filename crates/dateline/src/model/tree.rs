//! The best dependency tree for a table of scores: greedy choice, and Chu-Liu/Edmonds where that gives no tree.

/// The maximum spanning tree with exactly one word under the root.
///
/// `scores` is a table of `n` rows (dependents) by `n + 1` columns (heads; column 0 is the root, column `j` word
/// `j - 1`). Returns for each word the column of its head; nothing for `n = 0`. A word is never its own head.
pub fn spanning_tree(scores: &[f32], n: usize) -> Vec<usize> {
    if n == 0 {
        return Vec::new();
    }
    let score = |i: usize, j: usize| {
        let s = scores.get(i * (n + 1) + j).copied().unwrap_or(f32::NAN);
        // A score that is no number loses against all others, but must not break comparisons.
        if s.is_finite() { f64::from(s).clamp(-1e8, 1e8) } else { -1e9 }
    };
    let heads: Vec<usize> =
        (0..n).map(|i| best(0..=n, |j| if j == i + 1 { f64::NEG_INFINITY } else { score(i, j) })).collect();
    if heads.iter().filter(|&&j| j == 0).count() == 1 && find_cycle(&heads, n).is_none() {
        return heads;
    }
    // Nodes 0..=n with the root first. Each arc from the root costs more than all other differences together, so the
    // best tree has as few of them as can be: one.
    let nodes = n + 1;
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for s in (0..n).flat_map(|i| (0..=n).filter(move |&j| j != i + 1).map(move |j| (i, j))).map(|(i, j)| score(i, j)) {
        (low, high) = (low.min(s), high.max(s));
    }
    let fine = (high - low + 1.0) * (n + 1) as f64;
    let mut table = vec![f64::NEG_INFINITY; nodes * nodes];
    for i in 0..n {
        for j in (0..=n).filter(|&j| j != i + 1) {
            table[(i + 1) * nodes + j] = score(i, j) - if j == 0 { fine } else { 0.0 };
        }
    }
    edmonds(&table, nodes).into_iter().skip(1).collect()
}

/// The first of the greatest.
fn best(candidates: impl Iterator<Item = usize>, score: impl Fn(usize) -> f64) -> usize {
    let mut best = (f64::NEG_INFINITY, 0);
    for j in candidates {
        let s = score(j);
        if s > best.0 {
            best = (s, j);
        }
    }
    best.1
}

/// The words (as columns, 1 and up) of one cycle among `heads`, if there is one.
fn find_cycle(heads: &[usize], n: usize) -> Option<Vec<usize>> {
    let mut seen = vec![0; n + 1];
    for start in 1..=n {
        let mut at = start;
        while at != 0 && seen[at] == 0 {
            seen[at] = start;
            at = heads[at - 1];
        }
        if at != 0 && seen[at] == start {
            let mut cycle = vec![at];
            let mut next = heads[at - 1];
            while next != at {
                cycle.push(next);
                next = heads[next - 1];
            }
            return Some(cycle);
        }
    }
    None
}

/// Chu-Liu/Edmonds on a dense table `[dependent][head]` over `nodes` nodes, node 0 the root; cycles are contracted one
/// after another into new nodes and opened again at the end. Returns each node's head (the root's own is 0).
fn edmonds(table: &[f64], nodes: usize) -> Vec<usize> {
    /// A cycle that became a node: the cycle with its heads, and for each outside node the arcs it stood for.
    struct Contraction {
        node: usize,
        cycle: Vec<(usize, usize)>,
        /// For each node, the member of the cycle an arc from that node into the cycle entered.
        enters: Vec<usize>,
        /// For each node, the member of the cycle its arc from the cycle left.
        leaves: Vec<usize>,
    }
    let most = 2 * nodes;
    let mut score = vec![f64::NEG_INFINITY; most * most];
    for i in 0..nodes {
        score[i * most..i * most + nodes].copy_from_slice(&table[i * nodes..(i + 1) * nodes]);
    }
    let mut alive: Vec<usize> = (0..nodes).collect();
    let mut heads = vec![0; most];
    let mut contractions: Vec<Contraction> = Vec::new();
    let mut count = nodes;
    loop {
        for &i in alive.iter().filter(|&&i| i != 0) {
            heads[i] = best(alive.iter().copied().filter(|&j| j != i), |j| score[i * most + j]);
        }
        let dense: Vec<usize> = (1..count).map(|i| if alive.contains(&i) { heads[i] } else { 0 }).collect();
        let Some(cycle) = find_cycle(&dense, count - 1) else { break };
        let node = count;
        count += 1;
        let total: f64 = cycle.iter().map(|&c| score[c * most + heads[c]]).sum();
        let (mut enters, mut leaves) = (vec![0; most], vec![0; most]);
        alive.retain(|i| !cycle.contains(i));
        for &outside in &alive {
            let gain = |&c: &usize| score[c * most + outside] + total - score[c * most + heads[c]];
            let enter = best(0..cycle.len(), |k| gain(&cycle[k]));
            enters[outside] = cycle[enter];
            score[node * most + outside] = gain(&cycle[enter]);
            let leave = best(0..cycle.len(), |k| score[outside * most + cycle[k]]);
            leaves[outside] = cycle[leave];
            score[outside * most + node] = score[outside * most + cycle[leave]];
        }
        alive.push(node);
        contractions.push(Contraction { node, cycle: cycle.iter().map(|&c| (c, heads[c])).collect(), enters, leaves });
    }
    for contraction in contractions.iter().rev() {
        let outside = heads[contraction.node];
        for (head, &leave) in heads.iter_mut().zip(&contraction.leaves).take(contraction.node).skip(1) {
            if *head == contraction.node {
                *head = leave;
            }
        }
        for &(member, head) in &contraction.cycle {
            heads[member] = head;
        }
        heads[contraction.enters[outside]] = outside;
    }
    heads.truncate(nodes);
    heads
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kernels::tests::Random;

    /// The best total over all single-root trees, by trying every assignment.
    fn brute_force(scores: &[f32], n: usize) -> f64 {
        let mut top = f64::NEG_INFINITY;
        for code in 0..(n + 1).pow(n as u32) {
            let heads: Vec<usize> = (0..n).map(|i| code / (n + 1).pow(i as u32) % (n + 1)).collect();
            if is_tree(&heads, n) {
                top = top.max(total(scores, &heads, n));
            }
        }
        top
    }

    fn is_tree(heads: &[usize], n: usize) -> bool {
        heads.iter().filter(|&&j| j == 0).count() == 1 && find_cycle(heads, n).is_none()
    }

    fn total(scores: &[f32], heads: &[usize], n: usize) -> f64 {
        heads.iter().enumerate().map(|(i, &j)| f64::from(scores[i * (n + 1) + j])).sum()
    }

    #[test]
    fn trees_are_the_best_there_are() {
        let mut random = Random(1);
        for round in 0..600 {
            let n = 1 + round % 5;
            // Few distinct values, so that ties and cycles are common.
            let scores: Vec<f32> = (0..n * (n + 1)).map(|_| (random.next() % 7) as f32 - 3.0).collect();
            let heads = spanning_tree(&scores, n);
            assert!(is_tree(&heads, n), "{heads:?} from {scores:?}");
            assert_eq!(total(&scores, &heads, n), brute_force(&scores, n), "{heads:?} from {scores:?}");
        }
    }

    #[test]
    fn long_and_odd_tables_still_give_trees() {
        assert!(spanning_tree(&[], 0).is_empty());
        assert_eq!(spanning_tree(&[0.5, 9.0], 1), [0]);
        for scores in [vec![f32::NAN; 30], vec![0.0; 30], vec![f32::INFINITY; 30]] {
            assert!(is_tree(&spanning_tree(&scores, 5), 5));
        }
        let scores = Random(3).floats(200 * 201, 10.0);
        assert!(is_tree(&spanning_tree(&scores, 200), 200));
        // Neighbours that all point at each other: every step of the search meets a cycle.
        let scores: Vec<f32> = (0..300 * 301).map(|at: usize| -((at / 301 + 1).abs_diff(at % 301) as f32)).collect();
        assert!(is_tree(&spanning_tree(&scores, 300), 300));
    }
}
