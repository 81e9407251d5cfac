//! What `check` of a whole repository costs: ten thousand files, of which five hundred say
//! something about nginx and PHP-FPM, measured against `grep` in the same run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::measure::{self, Cost};
use super::{quiet, word};
use crate::run::find_program;

/// Files of the repository, with those of the stacks.
const FILES: usize = 10_000;
/// Each is a Compose file, a Dockerfile, a site, a pool, and a manifest of the same for a cluster.
const STACKS: usize = 100;
const OF_A_STACK: usize = 5;
/// How long a check may take.
const GOAL: Duration = Duration::from_secs(2);
/// The fault of each site, once in its Compose file and once in its manifest.
const PLANTED: &str = "read-timeout-below-terminate";

/// Writes the repository, measures both programs in turn, prints the table.
///
/// # Errors
/// When a program is missing or fails. A missed goal is an exit code, not an error.
pub(super) fn bench(checker: &Path, runs: usize) -> Result<ExitCode> {
    let Some(grep) = find_program("grep") else {
        bail!("grep is not installed");
    };
    let repository = Repository::write()?;
    let mut judge = Command::new(grep);
    judge.args(["-r", "-l", "fastcgi_pass", "."]);
    let mut ours = Command::new(checker);
    ours.args(["check", ".", "--format", "concise"]);
    for command in [&mut judge, &mut ours] {
        quiet(command.current_dir(&repository.0));
    }

    // One run each to warm the page cache, and to see that both read everything.
    let said = judge.stdout(Stdio::piped()).output()?.stdout;
    let found = String::from_utf8_lossy(&said).lines().count();
    ensure!(found == 2 * STACKS, "grep found {found} files");
    let said = ours.stdout(Stdio::piped()).output()?.stdout;
    let said = String::from_utf8_lossy(&said);
    let found = said.lines().filter(|line| line.contains(PLANTED)).count();
    ensure!(
        found == 2 * STACKS,
        "`badgateway check .` found {found} of the {} planted faults",
        2 * STACKS
    );
    quiet(&mut judge);
    quiet(&mut ours);

    let (mut theirs, mut own) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        theirs.push(measure::run(&mut judge)?);
        own.push(measure::run(&mut ours)?);
    }
    let (theirs, own) = (Cost::median(&theirs), Cost::median(&own));
    println!("\n{FILES} files with {STACKS} stacks, medians of {runs} runs each, in turn\n");
    println!("                       CPU time   user       system     peak memory");
    println!("  grep -r              {theirs}");
    println!("  badgateway check .   {own}\n");
    println!(
        "  from start to end: {:.2} s, grep {:.2} s",
        own.wall.as_secs_f64(),
        theirs.wall.as_secs_f64()
    );
    let is_met = own.wall <= GOAL;
    println!("  at most {} s: {}", GOAL.as_secs(), word(is_met));
    Ok(match is_met {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The folder; removed on drop.
struct Repository(PathBuf);

impl Repository {
    fn write() -> Result<Repository> {
        let name = format!("badgateway-bench-repository-{}", std::process::id());
        let repository = Repository(std::env::temp_dir().join(name));
        repository.put(".git/HEAD", "ref: refs/heads/main\n")?;
        repository.put(".gitignore", GITIGNORE)?;
        for number in 0..STACKS {
            let name = format!("app{number:03}");
            let here = format!("services/{name}");
            let put = |path: &str, text: &str| repository.put(path, &text.replace('@', &name));
            put(&format!("{here}/compose.yaml"), COMPOSE)?;
            put(&format!("{here}/docker/php/Dockerfile"), DOCKERFILE)?;
            put(&format!("{here}/docker/nginx/default.conf"), SITE)?;
            put(&format!("{here}/docker/php/pool.conf"), POOL)?;
            let manifest = MANIFEST
                .replace(
                    "{site}",
                    &indented(SITE).replace("php:9000", "127.0.0.1:9000"),
                )
                .replace("{pool}", &indented(POOL));
            put(&format!("deploy/{name}.yaml"), &manifest)?;
        }
        for number in 0..FILES - STACKS * OF_A_STACK - 1 {
            let here = format!("services/app{:03}", number % STACKS);
            let (path, text) = OTHERS[number / STACKS % OTHERS.len()];
            let path = path.replace('@', &number.to_string());
            repository.put(&format!("{here}/{path}"), text)?;
        }
        Ok(repository)
    }

    fn put(&self, name: &str, text: &str) -> Result<()> {
        let path = self.0.join(name);
        let folder = path.parent().context("it lies in the repository")?;
        fs::create_dir_all(folder)?;
        fs::write(&path, text).with_context(|| path.display().to_string())
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

/// As a block scalar of the manifest.
fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("    {line}\n"));
    lines.collect()
}

const GITIGNORE: &str = "\
/vendor/
node_modules/
*.log
*.cache
.env.local
.env.*.local
/public/build/
/var/
**/storage/framework/
!.gitkeep
.idea/
.DS_Store
*.sw[op]
";

/// What a repository has besides: names, with a number in them, and texts.
const OTHERS: [(&str, &str); 10] = [
    ("src/Controller/Page@.php", PHP),
    ("src/Entity/Item@.php", PHP),
    ("src/Service/Mail@.php", PHP),
    ("tests/Page@Test.php", PHP),
    ("templates/page/page@.html.twig", PAGE),
    ("assets/js/widget@.js", SCRIPT),
    ("assets/css/widget@.css", STYLE),
    ("translations/messages@.yaml", YAML),
    ("config/packages/package@.yaml", YAML),
    ("docs/note@.md", PAGE),
];

const PHP: &str = "<?php

declare(strict_types=1);

namespace App;

final class Page
{
    public function __construct(private readonly Store $store, private int $limit = 30)
    {
    }

    public function show(string $name): string
    {
        $found = $this->store->find($name);
        if ($found === null) {
            throw new NotFound(\"there is no page `$name`\");
        }

        return htmlspecialchars($found->text(), ENT_QUOTES);
    }
}
";

const PAGE: &str = "<h1>{{ title }}</h1>
<p>A paragraph with some words in it; and a semicolon.</p>
<ul>{% for one in all %}<li>{{ one }}</li>{% endfor %}</ul>
";

const SCRIPT: &str = "export function widget(node) {
  const items = [...node.querySelectorAll('li')];
  return items.map((item) => item.textContent.trim());
}
";

const STYLE: &str = ".widget {
  display: grid;
  gap: 1rem;
}
";

const YAML: &str = "page:
  title: 'A title'
  items:
    - name: first
      kind: text
    - name: second
      kind: number
";

const COMPOSE: &str = "services:
  web:
    image: nginx:1.27
    volumes:
      - ./docker/nginx/default.conf:/etc/nginx/conf.d/default.conf:ro
    depends_on: [php]
  php:
    build:
      context: .
      dockerfile: docker/php/Dockerfile
  db:
    image: postgres:16
    environment:
      POSTGRES_DB: @
";

const DOCKERFILE: &str = "FROM php:8.3-fpm
WORKDIR /srv/@
RUN apt-get update \\
 && apt-get install -y --no-install-recommends libpq-dev unzip \\
 && docker-php-ext-install pdo_pgsql opcache \\
 && rm -rf /var/lib/apt/lists/*
COPY docker/php/pool.conf /usr/local/etc/php-fpm.d/zz-pool.conf
COPY src ./src
";

const SITE: &str = "server {
    listen 80;
    server_name @.example;
    root /srv/@/public;

    location / {
        try_files $uri /index.php$is_args$args;
    }

    location ~ ^/index\\.php(/|$) {
        include fastcgi_params;
        fastcgi_param SCRIPT_FILENAME $realpath_root$fastcgi_script_name;
        fastcgi_pass php:9000;
        fastcgi_read_timeout 30s;
    }
}
";

const POOL: &str = "[www]
user = www-data
group = www-data
listen = 9000
pm = static
pm.max_children = 10
request_terminate_timeout = 60s
php_admin_value[max_execution_time] = 20
";

const MANIFEST: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: @
data:
  default.conf: |
{site}  pool.conf: |
{pool}---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: @
spec:
  selector:
    matchLabels: {app: @}
  template:
    metadata:
      labels: {app: @}
    spec:
      containers:
        - name: nginx
          image: nginx:1.27
          volumeMounts:
            - {name: config, mountPath: /etc/nginx/conf.d/default.conf, subPath: default.conf}
        - name: php
          image: php:8.3-fpm
          volumeMounts:
            - {name: config, mountPath: /usr/local/etc/php-fpm.d/zz-pool.conf, subPath: pool.conf}
      volumes:
        - name: config
          configMap: {name: @}
---
apiVersion: v1
kind: Service
metadata:
  name: @
spec:
  selector: {app: @}
  ports:
    - {port: 80}
";
