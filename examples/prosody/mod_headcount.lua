-- Reports to Headcount who logs in to a host of Prosody, who logs out, and who stays connected.
--
--   VirtualHost "chat.example.com"
--       modules_enabled = { "headcount" }
--       headcount_url = "https://headcount.example.com"
--       headcount_key = "hc_secret_…"
--
-- All options, and where the figures differ from those of mod_measure_active_users: docs/prosody.md. For Prosody 0.12 and Lua 5.1
-- to 5.4.

local http = require "net.http";
local json = require "util.json";

-- The service counts people in slots of this length (UTC): a second report within one would tell nothing new.
local slot_seconds = 300;
-- While the service can't be reached, those who stay connected are noted once in this time, so that the others keep their room.
local outage_slot_seconds = 3600;
local gather_seconds = 1;
local batch_size = 1000;
local piece_size, piece_pause_seconds = 1000, 0.05;
local timeout_seconds = 30;
local longest_pause_seconds = 300;
-- A proxy may ask for any pause.
local longest_retry_after_seconds = 3600;

if module:get_host_type() == "component" then
	module:log("error", "nobody logs in to a component: enable mod_headcount on a VirtualHost");
	return;
end
if module:get_option_string("authentication") == "anonymous" then
	module:log("info", "anonymous logins get a new name each time, so nobody on this host is reported");
	return;
end

local store = module:open_store("headcount");
local host_sessions = prosody.hosts[module.host].sessions;

local function read_dimensions(dimensions)
	if dimensions == nil then return ""; end
	local wrong = 'headcount_dimensions: expected names and texts, such as { product = "chat" }';
	if type(dimensions) ~= "table" then return nil, wrong; end
	for name, value in pairs(dimensions) do
		if type(name) ~= "string" or type(value) ~= "string" then return nil, wrong; end
	end
	return next(dimensions) and ',"dimensions":'..json.encode(dimensions) or "";
end

-- The options, or nil and what is wrong with them. An error never quotes what was given: it may be a key.
local function read_settings()
	local url = module:get_option_string("headcount_url");
	if not url or not url:match("^https?://[^%s/@][^%s@]*$") then
		return nil, 'headcount_url: expected the address of the service, such as "https://headcount.example.com"';
	end
	local key = module:get_option_string("headcount_key");
	if not key or not key:match("^hc_secret_[%w_-]+$") then
		return nil, "headcount_key: expected the app's secret key, which begins with hc_secret_";
	end
	local interval = module:get_option_number("headcount_interval", slot_seconds);
	if not interval or interval < 1 or interval > 86400 then
		return nil, "headcount_interval: expected a number of seconds from 1 to 86400";
	end
	local max_waiting = module:get_option_number("headcount_max_waiting", 100000);
	if not max_waiting or max_waiting < 1 then
		return nil, "headcount_max_waiting: expected a number of reports, 1 or more";
	end
	local dimensions, wrong = read_dimensions(module:get_option("headcount_dimensions"));
	if not dimensions then return nil, wrong; end
	return {
		address = url:gsub("/+$", "").."/v1/activity";
		key = key;
		interval = interval;
		max_waiting = max_waiting;
		dimensions = dimensions;
	};
end

local settings;      -- nil while the options are wrong
local waiting = {};  -- reports that were not acknowledged yet, each a line of NDJSON, by their numbers
local first, last = 1, 0;
local reported = {}; -- when somebody was last reported, by username
local sending;       -- the request that is under way, if any
local pending;       -- or else the timer of the next one, if anything waits
local failures = 0;  -- in a row
local lost = 0;      -- reports that were dropped or refused since the last success
local complaints = {}; -- what the log was told of since the last success: it is not told again
local warned_of = {};

local function complain(about, level, ...)
	if complaints[about] then return; end
	complaints[about] = true;
	module:log(level, ...);
end

local function remove_up_to(number)
	while first <= number do
		waiting[first] = nil;
		first = first + 1;
	end
end

local send;

local function send_in(seconds)
	pending = module:add_timer(seconds, function ()
		pending = nil;
		send();
	end);
end

local function wait_and_retry(retry_after)
	failures = failures + 1;
	local pause = math.random() * math.min(2 ^ failures, longest_pause_seconds);
	send_in(math.max(pause, math.min(retry_after or 0, longest_retry_after_seconds)));
end

local function succeeded(answer)
	failures = 0;
	if next(complaints) then
		module:log("info", "reports are accepted again; %d were lost", lost);
		complaints, lost = {}, 0;
	end
	if type(answer.rejected) == "number" and answer.rejected > 0 then
		local _, refusal = next(type(answer.errors) == "table" and answer.errors or {});
		module:log("warn", "%d reports were rejected: %s", answer.rejected, refusal and refusal.error or "no reason given");
	end
	for _, name in ipairs(type(answer.ignored) == "table" and answer.ignored or {}) do
		if not warned_of[name] then
			warned_of[name] = true;
			module:log("warn", "headcount_dimensions: the app's settings don't declare %s", name);
		end
	end
	if last - first + 1 >= batch_size then send(); elseif first <= last then send_in(gather_seconds); end
end

-- `up_to`: the number of the last report in the request. `code` is 0 where there was no answer; `body` then says why.
local function take_answer(up_to, body, code, response)
	local answer = type(body) == "string" and body:match("^%s*{") and json.decode(body);
	if type(answer) ~= "table" then answer = {}; end
	if code >= 200 and code < 300 and type(answer.accepted) == "number" then
		remove_up_to(up_to);
		return succeeded(answer);
	end
	if code >= 400 and code < 500 and code ~= 408 and code ~= 429 then
		-- The same again would be refused again. Whoever stays connected is reported anew at the next interval.
		lost = lost + math.max(0, up_to - first + 1);
		remove_up_to(up_to);
		reported = {};
		complain(code, "error", "reports are given up, since the service refuses them with %d: %s", code,
			answer.detail or answer.title or "is headcount_url right?");
		return wait_and_retry();
	end
	complain("unavailable", "warn", "reports wait, since the service %s; it is tried again",
		code == 0 and "can't be reached ("..tostring(body)..")" or "answers "..code);
	wait_and_retry(response and response.headers and tonumber(response.headers["retry-after"]));
end

function send()
	if sending or not settings or first > last then return; end
	local up_to = math.min(last, first + batch_size - 1);
	local this, request = {}, nil;
	sending = this;
	local function answered(body, code, response)
		if sending ~= this then return; end
		sending = nil;
		take_answer(up_to, body, code, response);
	end
	-- net.http waits for as long as the other side keeps the connection.
	module:add_timer(timeout_seconds, function ()
		if sending ~= this then return; end
		if request then http.destroy_request(request); end
		answered("no answer within "..timeout_seconds.." seconds", 0);
	end);
	request = http.request(settings.address, {
		method = "POST";
		headers = {
			["Authorization"] = "Bearer "..settings.key;
			["Content-Type"] = "application/x-ndjson";
		};
		body = table.concat(waiting, "\n", first, up_to);
	}, answered);
end

-- Notes that somebody is there now, unless that is known already for the running slot.
local function report(username, slot)
	if not settings then return; end
	local now = os.time();
	local before = reported[username];
	if before and before <= now and before >= now - now % slot then return; end
	reported[username] = now;
	last = last + 1;
	waiting[last] = ('{"user":%s,"at":%d000,"via":"server"%s}'):format(
		json.encode(username.."@"..module.host), now, settings.dimensions);
	if last - first + 1 > settings.max_waiting then
		remove_up_to(first);
		lost = lost + 1;
		complain("full", "warn", "more than %d reports wait: the oldest are dropped", settings.max_waiting);
	end
	if not sending and not pending then send_in(gather_seconds); end
end

local function current_slot()
	return math.min(settings and settings.interval or slot_seconds, slot_seconds);
end

local function note(session)
	if session.username then report(session.username, current_slot()); end
end

-- A session that hibernates has lost its connection and waits for its client to come back.
local function is_connected(username)
	for _, session in pairs(host_sessions[username].sessions) do
		if not session.hibernating then return true; end
	end
	return false;
end

-- In pieces, so that a server with many people answers them in between.
local function report_piece(_, usernames, from)
	local slot = failures == 0 and current_slot() or outage_slot_seconds;
	local to = math.min(from + piece_size - 1, #usernames);
	for index = from, to do
		local username = usernames[index];
		if host_sessions[username] and is_connected(username) then report(username, slot); end
	end
	if to < #usernames then module:add_timer(piece_pause_seconds, report_piece, usernames, to + 1); end
end

local function report_connected()
	local now = os.time();
	for username, at in pairs(reported) do
		if at < now - outage_slot_seconds then reported[username] = nil; end
	end
	local usernames = {};
	for username in pairs(host_sessions) do usernames[#usernames + 1] = username; end
	report_piece(now, usernames, 1);
	-- Once in each interval of the clock, early in it, and not at the same moment on every server.
	local interval = settings and settings.interval or slot_seconds;
	return interval - now % interval + math.random() * interval / 5;
end

local function configure()
	local wrong;
	settings, wrong = read_settings();
	if not settings then return module:log("error", "nobody is reported: %s", wrong); end
	failures, complaints = 0, {};
	-- The key may be another app's now, which has seen nobody yet.
	reported = {};
	if pending then pending:stop(); end
	if not sending then send_in(gather_seconds); end
end

-- What waits when Prosody stops, or the module is reloaded, is sent after the next start.
local function keep()
	local lines = {};
	for number = first, last do lines[#lines + 1] = waiting[number]; end
	local ok, err = store:set(nil, #lines > 0 and { lines = lines } or nil);
	if not ok then module:log("warn", "%d reports are lost, since they could not be stored: %s", #lines, err); end
end

local function restore()
	local kept = store:get(nil);
	if not kept then return; end
	store:set(nil, nil);
	for _, line in ipairs(kept.lines) do
		last = last + 1;
		waiting[last] = line;
	end
end

restore();
configure();
module:hook_global("config-reloaded", configure);
module:hook("authentication-success", function (event) note(event.session); end);
module:hook("resource-bind", function (event) note(event.session); end);
module:hook("smacks-hibernation-start", function (event) note(event.origin); end);
module:hook("resource-unbind", function (event)
	-- Whoever hibernated was there when that began, and not when it ends.
	if not event.session.hibernating then note(event.session); end
end);
module:hook_global("server-cleanup", keep);
module.unload = keep;
module:add_timer(report_connected(), report_connected);
