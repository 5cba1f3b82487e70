// A provider of OpenID Connect as organisations run them (npm oidc-provider), with people who only have to press a button.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

export const CLIENT = "debrief";
export const SECRET = "three dry umbrellas and a key";

export class IdentityProvider {
  #server;
  #provider = null;
  /** Who sits in front of it, and what it says about them. */
  person = { sub: "wren-there", name: "Wren Okafor", email: "wren@larkfare.example", groups: [] };

  /** What became of its words that somebody signed out, where they were not taken. */
  refused = [];

  /** One that listens; it answers once it `knows` a client. */
  static async begin() {
    const self = new IdentityProvider();
    self.#server = createServer((request, response) => {
      self.#answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
    });
    await new Promise((go, stop) => self.#server.once("error", stop).listen(0, "127.0.0.1", go));
    self.host = `127.0.0.1:${self.#server.address().port}`;
    self.issuer = `http://${self.host}`;
    return self;
  }

  /** Debrief at `base` is its client from now on. */
  knows(base) {
    const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
    this.#provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: CLIENT,
          client_secret: SECRET,
          redirect_uris: [`${base}/sign-in/provider/answer`],
          post_logout_redirect_uris: [`${base}/signed-out`],
          backchannel_logout_uri: `${base}/sign-out/provider`,
          backchannel_logout_session_required: true,
        },
      ],
      jwks: { keys: [{ ...key, kid: "one", use: "sig", alg: "RS256" }] },
      cookies: { keys: ["a provider of a journey"] },
      claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"], groups: ["groups"] },
      // It asks nobody on this machine otherwise, which is wise elsewhere.
      fetch: (address, { dispatcher: _, ...options }) => fetch(address, options),
      pkce: { required: () => true },
      features: {
        devInteractions: { enabled: false },
        backchannelLogout: { enabled: true },
        // Its own page asks the network for a font.
        rpInitiatedLogout: {
          enabled: true,
          logoutSource: (ctx, form) => {
            ctx.body = `<!doctype html><title>Sign out</title>${form}<button form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>`;
          },
          postLogoutSuccessSource: (ctx) => {
            ctx.body = "<!doctype html><title>Signed out</title>";
          },
        },
      },
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_, id) => ({ accountId: id, claims: async () => ({ ...this.person, sub: id, email_verified: true }) }),
      ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 3600, Grant: 3600 },
    });
    this.#provider.on("backchannel.error", (_, error) => this.refused.push(String(error.cause ?? error)));
  }

  async #answer(request, response) {
    if (!request.url.startsWith("/interaction/")) return this.#provider.callback()(request, response);
    const { params, session } = await this.#provider.interactionDetails(request, response);
    if (request.method === "GET") {
      const page = `<!doctype html><title>Sign in</title><form method="post"><button>Go on as ${this.person.name}</button></form>`;
      return response.writeHead(200, { "content-type": "text/html" }).end(page);
    }
    const accountId = session?.accountId ?? this.person.sub;
    const grant = new this.#provider.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope("openid profile email groups");
    const result = { login: { accountId }, consent: { grantId: await grant.save() } };
    return this.#provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }

  async end() {
    this.#server.closeAllConnections();
    await new Promise((go) => this.#server.close(go));
  }
}
