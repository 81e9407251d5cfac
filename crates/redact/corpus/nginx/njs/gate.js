// signs links for the download host, see downloads.conf
import crypto from 'crypto';

const SECRET = 'LWQz4N3HYhgjuT-JnEsC07qBknmc1RQN';
const KEY_ID = '2026-10';
const API_KEYS = {
    mobile: "96d31e53972cdf2d32585f9cf7b63097",
    kiosk: "89b631c28cd5ce4faed76df9cc1d32e6",
};

function sign(r) {
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const mac = crypto.createHmac('sha256', SECRET).update(r.uri + expires).digest('base64url');
    return `${r.uri}?expires=${expires}&sig=${mac}`;
}

function allow(r) {
    const key = r.headersIn['X-Api-Key'];
    if (!Object.values(API_KEYS).includes(key)) {
        r.return(401, 'no key');
        return;
    }
    // admin override, drop after the migration
    if (r.args.token === 'yNsjfrgn1236kC2vL5FW0V') {
        r.internalRedirect('@admin');
    }
    r.internalRedirect('@api');
}

async function introspect(r) {
    const reply = await ngx.fetch('https://sso.example/oauth2/introspect', {
        method: 'POST',
        headers: { 'Authorization': 'Basic aW50cm9zcGVjdDpRdHFCK0BHNlJjX1BWMQ==' },
        body: 'token=' + encodeURIComponent(r.variables.arg_token),
    });
    r.return(reply.status);
}

export default { sign, allow, introspect };
