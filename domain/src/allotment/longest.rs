//! The longest stretch of free seats in each of many rows, and at once the first row with enough.

/// A tree of maxima: each inner node is the greater of its two children, the root is node 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Longest {
    nodes: Vec<u32>,
    /// The node of the first row: a power of two, at least the number of rows.
    leaves: usize,
}

impl Longest {
    pub(super) fn new(rows: impl Iterator<Item = u32>) -> Self {
        let rows: Vec<u32> = rows.collect();
        let leaves = rows.len().next_power_of_two();
        let mut nodes = vec![0; 2 * leaves];
        nodes[leaves..leaves + rows.len()].copy_from_slice(&rows);
        for node in (1..leaves).rev() {
            nodes[node] = nodes[2 * node].max(nodes[2 * node + 1]);
        }
        Self { nodes, leaves }
    }

    /// The longest of all rows.
    pub(super) fn longest(&self) -> u32 {
        self.nodes[1]
    }

    /// The first row with a stretch at least this long.
    pub(super) fn first(&self, at_least: u32) -> Option<usize> {
        if self.longest() < at_least {
            return None;
        }
        let mut node = 1;
        while node < self.leaves {
            node *= 2;
            if self.nodes[node] < at_least {
                node += 1;
            }
        }
        Some(node - self.leaves)
    }

    pub(super) fn set(&mut self, row: usize, longest: u32) {
        let mut node = self.leaves + row;
        self.nodes[node] = longest;
        while node > 1 {
            node /= 2;
            self.nodes[node] = self.nodes[2 * node].max(self.nodes[2 * node + 1]);
        }
    }
}
