//! The server that the logs are about: sites, pools, pages and visitors. It is small and the
//! same for every seed in its shape, because the logs of one server repeat themselves too.

use super::random::{Random, Ranks};

/// Where PHP listens.
pub(crate) struct Pool {
    pub(crate) name: &'static str,
    /// What stands behind `fastcgi://`, without the colon that follows a socket's path.
    pub(crate) address: &'static str,
    /// The `upstream` block it stands in, which "no live upstreams" names.
    pub(crate) group: &'static str,
}

impl Pool {
    pub(crate) fn is_unix(&self) -> bool {
        self.address.starts_with("unix:")
    }
}

const fn pool(name: &'static str, address: &'static str, group: &'static str) -> Pool {
    Pool {
        name,
        address,
        group,
    }
}

/// Sockets first: see [`UNIX_POOLS`].
pub(crate) const POOLS: [Pool; 12] = [
    pool("www", "unix:/run/php/php8.2-fpm.sock", "php"),
    pool("shop", "unix:/run/php/php8.2-fpm-shop.sock", "shop_php"),
    pool("api", "unix:/run/php/php8.4-fpm-api.sock", "api_php"),
    pool("blog", "unix:/run/php-fpm/blog.sock", "blog_php"),
    pool("intranet", "unix:/var/run/php/intranet.sock", "intranet"),
    pool("media", "unix:/run/php/php8.3-fpm-media.sock", "media_php"),
    pool("legacy", "unix:/run/php/php7.4-fpm.sock", "legacy"),
    pool("forum", "unix:/srv/forum/run/fpm.sock", "forum_backend"),
    pool("docker", "127.0.0.1:9000", "php_docker"),
    pool("app", "10.0.3.17:9000", "app_cluster"),
    pool("app-b", "10.0.3.18:9000", "app_cluster"),
    pool("six", "[2001:db8:7::9]:9001", "six_php"),
];
pub(crate) const UNIX_POOLS: usize = 8;

/// One virtual host.
pub(crate) struct Site {
    pub(crate) name: String,
    pub(crate) root: String,
    pub(crate) pool: usize,
}

/// One page: what the visitor asks for, and the script that answers.
pub(crate) struct Page {
    pub(crate) uri: String,
    pub(crate) script: String,
}

/// All of it, with how often each is used.
pub(crate) struct World {
    sites: Vec<Site>,
    pages: Vec<Page>,
    site_ranks: Ranks,
    page_ranks: Ranks,
    client_ranks: Ranks,
    fault_ranks: Ranks,
}

/// Sites that share a pool.
const SITES_OF_A_POOL: usize = 3;
const PAGES: u32 = 9000;
const CLIENTS: u32 = 40_000;
/// In the PHP code of one site.
const FAULTS: u32 = 300;

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x5749_544e_4553_5321);
        let sites: Vec<Site> = (0..POOLS.len() * SITES_OF_A_POOL).map(site).collect();
        let pages = (0..PAGES).map(|_| page(&mut random)).collect();
        Self {
            site_ranks: Ranks::new(36),
            page_ranks: Ranks::new(PAGES),
            client_ranks: Ranks::new(CLIENTS),
            fault_ranks: Ranks::new(FAULTS),
            sites,
            pages,
        }
    }

    pub(crate) fn site(&self, number: usize) -> &Site {
        &self.sites[number]
    }

    pub(crate) fn page(&self, number: usize) -> &Page {
        &self.pages[number]
    }

    pub(crate) fn draw_site(&self, random: &mut Random) -> usize {
        self.site_ranks.draw(random) % self.sites.len()
    }

    /// Any site of one pool.
    pub(crate) fn draw_site_of(&self, pool: usize, random: &mut Random) -> usize {
        pool + POOLS.len() * random.index(SITES_OF_A_POOL)
    }

    pub(crate) fn draw_page(&self, random: &mut Random) -> usize {
        self.page_ranks.draw(random)
    }

    pub(crate) fn draw_fault(&self, random: &mut Random) -> u64 {
        self.fault_ranks.draw(random) as u64
    }

    /// A visitor, by whose number the address is made.
    pub(crate) fn draw_client(&self, random: &mut Random) -> u64 {
        self.client_ranks.draw(random) as u64
    }
}

/// Site `n` is served by pool `n` modulo their number, so that both ways are arithmetic.
fn site(number: usize) -> Site {
    const KINDS: [&str; 3] = ["www", "shop", "api"];
    const OWNERS: [&str; 12] = [
        "example.com",
        "blumen-meier.example",
        "kontor.example.org",
        "northwind.example",
        "rundschau.example.net",
        "tramway.example",
        "altstadt.example",
        "gardening.example.co.uk",
        "fjord.example.no",
        "example.net",
        "caravan.example.io",
        "lighthouse.example",
    ];
    let name = format!(
        "{}.{}",
        KINDS[number / OWNERS.len() % KINDS.len()],
        OWNERS[number % OWNERS.len()]
    );
    Site {
        root: format!("/var/www/{name}/public"),
        name,
        pool: number % POOLS.len(),
    }
}

const SECTIONS: [&str; 24] = [
    "api", "shop", "cart", "user", "admin", "media", "checkout", "v2", "search", "order", "blog",
    "news", "product", "category", "account", "invoice", "export", "report", "feed", "forum",
    "wp-json", "graphql", "download", "calendar",
];
pub(crate) const WORDS: [&str; 32] = [
    "garden", "chair", "winter", "lamp", "bicycle", "red", "oak", "table", "summer", "offer",
    "steel", "window", "coffee", "mountain", "paper", "silver", "boat", "kitchen", "small", "long",
    "radio", "wool", "green", "bridge", "market", "stone", "river", "letter", "violin", "north",
    "copper", "harbour",
];

/// A third are scripts by name, the others go through a front controller.
fn page(random: &mut Random) -> Page {
    let mut uri = String::new();
    for _ in 0..random.between(1, 3) {
        uri += "/";
        uri += random.text(&SECTIONS);
    }
    let number = random.below(90_000);
    let (first, second) = (random.text(&WORDS), random.text(&WORDS));
    match random.below(6) {
        0 => uri += ".php",
        1 => uri += &format!("/{first}.php"),
        2 => uri += &format!("/{first}-{second}-{number}"),
        3 => uri += &format!("/{number}/{first}"),
        4 => uri += &format!("/{first}_{second}/"),
        _ => uri += &format!("/{number}"),
    }
    let script = if uri.ends_with(".php") {
        uri.clone()
    } else {
        "/index.php".to_owned()
    };
    Page { uri, script }
}
