-- load - what wrk sends, and a count of the answers that are as expected; with one thread (-t1)
--
-- From the environment: METHOD, REQUEST_PATH, HEADERS ("Name: value" lines), BODY, EXPECT (a
-- status); LINES, a file: each request takes a line of it in place of %s in BODY and HEADERS, and
-- the run is over when all were taken, TIMES over; KEEP, a file that the Location of each answer is
-- written to, or what its body has for the pattern KEEP_MATCH.
local env = os.getenv
local method, path, body = env("METHOD") or "GET", env("REQUEST_PATH"), env("BODY")
local expect = tonumber(env("EXPECT") or "200")
local keep = env("KEEP") and io.open(env("KEEP"), "w")
local match = env("KEEP_MATCH")
local headers, lines, sent, plain, idle = {}, nil, -1, nil, nil
local main
good, bad = 0, 0

for name, value in (env("HEADERS") or ""):gmatch("([^:\n]+): ([^\n]+)") do
	headers[name] = value
end

function setup(thread)
	main = thread
end

function init()
	begun = os.time()
	plain = wrk.format(method, path, headers, body)
	idle = wrk.format("OPTIONS", "/oauth2/token")	-- answered 204: nothing that is counted
	if env("LINES") then
		lines = {}
		for _ = 1, tonumber(env("TIMES") or "1") do
			for line in io.lines(env("LINES")) do
				table.insert(lines, line)
			end
		end
	end
end

local function with(line)
	local function filled(s)
		return (s:gsub("%%s", function() return line end))
	end
	local own = {}
	for name, value in pairs(headers) do
		own[name] = filled(tostring(value))	-- wrk.format adds a length
	end
	return wrk.format(method, path, own, body and filled(body))
end

function request()
	if not lines then
		return plain
	end
	sent = sent + 1		-- the first is never sent: wrk looks at it
	local line = lines[sent]
	return line and with(line) or idle
end

function response(status, head, text)
	if lines and status == 204 then
		return
	end
	if status == expect then
		good = good + 1
	else
		bad = bad + 1
	end
	if keep then
		keep:write((match and text:match(match) or head["Location"]) or "", "\n")
		keep:flush()
	end
	if lines and good + bad == #lines then	-- wrk itself ends by the clock alone
		io.write(string.format("result %d %d %d\n", good, bad, (os.time() - begun) * 1000000))
		io.flush()
		os.exit(0)
	end
end

function done(summary)
	io.write(string.format("result %d %d %d\n", main:get("good"), main:get("bad"),
		summary.duration))
end
