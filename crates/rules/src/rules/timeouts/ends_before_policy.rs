//! A request is ended before it may have to.

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A limit ends requests of a route that may take longer by the team's own word.
    ///
    /// ## Why it matters
    ///
    /// `badgateway.toml` says what requests of a route may take, such as ten minutes for uploads. A limit of the chain below that ends
    /// some of them with 502 or 504, and nobody notices until a big one comes.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ```policy
    /// [[route]]
    /// name = "shop.example"
    /// may_take = "600s"
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ```policy
    /// [[route]]
    /// name = "shop.example"
    /// may_take = "20s"
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_read_timeout>
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#request-terminate-timeout>
    ENDS_BEFORE_POLICY {
        id: "ends-before-policy",
        group: "timeouts",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        // The first that fits, as the team has ordered them.
        let mut policies = cx.options.policies.iter();
        let fits = policies.find(|policy| chain.route.label.contains(&policy.route));
        let Some(policy) = fits else { continue };
        let Some(end) = cx
            .first_end(chain)
            .filter(|end| end.after < policy.may_take)
        else {
            continue;
        };
        let written = end.setting.origin.span();
        let at = written.unwrap_or_else(|| chain.nginx.config.span(chain.route.pass));
        let message = format!(
            "requests of this route may take {}, and `{}` ends them after {}",
            policy.may_take, end.name, end.after
        );
        out.report(at, "too early for this route", message)
            .route(&chain.route.label)
            .because(
                format!(
                    "{} may take {} ({})",
                    policy.route, policy.may_take, policy.from
                ),
                None,
            )
            .because_of(end.name, end.setting)
            .help(format!(
                "build the chain around it: `badgateway fix --request-time {}`",
                policy.may_take
            ));
    }
}
