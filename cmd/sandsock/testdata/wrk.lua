-- Makes a load for echo servers of wrk, which speaks HTTP: what it sends is an
-- answer of HTTP's, in so many bytes, and so is what comes back, in capitals
-- too. The second argument makes each connection last for one exchange.
function init(args)
   local size, connection = tonumber(args[1]), args[2] or "keep-alive"
   local head = "HTTP/1.1 200 OK\r\nConnection: " .. connection .. "\r\nContent-Length: %6d\r\n\r\n"
   local body = size - #head:format(0)
   message = head:format(body) .. ("a"):rep(body)
end

-- wrk looks at the first one, which is sent to nobody, and wants a request.
function request()
   if not looked then
      looked = true
      return wrk.format()
   end
   return message
end
