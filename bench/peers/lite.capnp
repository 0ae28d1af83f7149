# hyperloglog-lite in a Worker as one would write it at first. Copied into a temporary folder, beside the bundled Worker.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "lite", worker = .lite),
    (name = "data", disk = (writable = true)),
  ],
  sockets = [(name = "http", http = (), service = "lite")],
);

const lite :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  durableObjectNamespaces = [(className = "Counter", uniqueKey = "counter", enableSql = true)],
  durableObjectStorage = (localDisk = "data"),
  bindings = [(name = "COUNTERS", durableObjectNamespace = "Counter")],
);
