# The embedded engine: the same Worker on workerd, with Durable Objects on the local disk.
# `npm start` gives the address (--socket-addr), the folder (--directory-path) and the secret (environment).
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "headcount", worker = .headcount),
    (name = "data", disk = (writable = true)),
    # For key servers that HEADCOUNT_JWKS_ALLOW names, receivers that HEADCOUNT_WEBHOOK_ALLOW names, and nothing else.
    (name = "private-network", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [
    (name = "http", http = (), service = "headcount"),
    # For `npm start` alone, on a socket in the data folder.
    (name = "control", http = (), service = (name = "headcount", entrypoint = "Control")),
  ],
);

const headcount :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "../dist/worker.js"),
    (name = "headcount.tgz.bin", data = embed "../dist/headcount.tgz.bin"),
  ],
  compatibilityDate = "2026-10-01",
  # Compression would take some 200 KB of each open socket for messages of four bytes.
  compatibilityFlags = ["no_web_socket_compression"],
  durableObjectNamespaces = [
    (className = "Shard", uniqueKey = "headcount-shard", enableSql = true),
    (className = "Rollup", uniqueKey = "headcount-rollup", enableSql = true),
    (className = "Gate", uniqueKey = "headcount-gate", enableSql = true),
    (className = "Directory", uniqueKey = "headcount-directory", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "data"),
  bindings = [
    (name = "SHARDS", durableObjectNamespace = "Shard"),
    (name = "ROLLUPS", durableObjectNamespace = "Rollup"),
    (name = "GATES", durableObjectNamespace = "Gate"),
    (name = "DIRECTORY", durableObjectNamespace = "Directory"),
    (name = "HEADCOUNT_SECRET", fromEnvironment = "HEADCOUNT_SECRET"),
    (name = "JWKS_ALLOW", fromEnvironment = "HEADCOUNT_JWKS_ALLOW"),
    (name = "WEBHOOK_ALLOW", fromEnvironment = "HEADCOUNT_WEBHOOK_ALLOW"),
    (name = "PRIVATE_NETWORK", service = "private-network"),
    (name = "JURISDICTION", fromEnvironment = "HEADCOUNT_JURISDICTION"),
    # Behind a proxy: the header in which it tells the client's address, for the limits. Unset: no limits by address.
    (name = "ADDRESS_HEADER", fromEnvironment = "HEADCOUNT_ADDRESS_HEADER"),
    # And the one in which it tells the client's country.
    (name = "COUNTRY_HEADER", fromEnvironment = "HEADCOUNT_COUNTRY_HEADER"),
    # What `npm start` finds lost, and whether it is to begin anew.
    (name = "LOST_ROLLUPS", fromEnvironment = "HEADCOUNT_LOST_ROLLUPS"),
    (name = "ACCEPT_LOSS", fromEnvironment = "HEADCOUNT_ACCEPT_LOSS"),
    # A row written costs nothing here, and waiting costs throughput.
    (name = "COMMIT_WINDOW_MS", text = "2"),
  ],
);
