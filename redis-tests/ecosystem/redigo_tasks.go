// Everyday work through redigo, on the server that listens at TORC_TEST_PORT. Started by ecosystem_test.py.
package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
)

var pool = &redis.Pool{
	MaxIdle: 8, MaxActive: 16, Wait: true,
	Dial:         func() (redis.Conn, error) { return redis.Dial("tcp", "127.0.0.1:"+os.Getenv("TORC_TEST_PORT")) },
	TestOnBorrow: func(c redis.Conn, _ time.Time) error { _, err := c.Do("PING"); return err },
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func expect(found, wanted interface{}) {
	if fmt.Sprint(found) != fmt.Sprint(wanted) {
		panic(fmt.Sprintf("found %v where %v was expected", found, wanted))
	}
}

func check(name string, body func(redis.Conn)) {
	c := pool.Get()
	defer c.Close()
	_, err := c.Do("FLUSHALL")
	must(err)
	body(c)
	fmt.Println("ok", name)
}

func values(c redis.Conn) {
	_, err := c.Do("SET", "k", []byte{0, 255}, "EX", 100)
	must(err)
	bytes, err := redis.Bytes(c.Do("GET", "k"))
	must(err)
	expect(bytes, []byte{0, 255})
	_, err = redis.String(c.Do("GET", "nothing"))
	expect(err == redis.ErrNil, true)
	_, err = c.Do("HSET", redis.Args{}.Add("h").AddFlat(map[string]int{"a": 1, "b": 2})...)
	must(err)
	numbers, err := redis.IntMap(c.Do("HGETALL", "h"))
	must(err)
	expect(numbers["a"]+numbers["b"], 3)
	var user struct {
		Name string `redis:"name"`
		Age  int    `redis:"age"`
	}
	_, err = c.Do("HSET", "user", "name", "Ann", "age", 36)
	must(err)
	fields, err := redis.Values(c.Do("HGETALL", "user"))
	must(err)
	must(redis.ScanStruct(fields, &user))
	expect(user, "{Ann 36}")
	_, err = c.Do("INCR", "k")
	var refused redis.Error
	expect(errors.As(err, &refused), true)
}

func pipelines(c redis.Conn) {
	for i := 0; i < 1000; i++ {
		must(c.Send("INCR", "n"))
	}
	must(c.Flush())
	for i := 1; i <= 1000; i++ {
		n, err := redis.Int(c.Receive())
		must(err)
		expect(n, i)
	}
	must(c.Send("MULTI"))
	must(c.Send("SET", "m", 1))
	must(c.Send("INCRBY", "m", 41))
	replies, err := redis.Values(c.Do("EXEC"))
	must(err)
	expect(replies[1], 42)
}

func watched(redis.Conn) {
	var group sync.WaitGroup
	for i := 0; i < 4; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			c := pool.Get()
			defer c.Close()
			for done := 0; done < 25; {
				c.Do("WATCH", "n")
				n, _ := redis.Int(c.Do("GET", "n"))
				c.Send("MULTI")
				c.Send("SET", "n", n+1)
				reply, err := c.Do("EXEC")
				must(err)
				if reply != nil {
					done++
				}
			}
		}()
	}
	group.Wait()
	c := pool.Get()
	defer c.Close()
	n, err := redis.Int(c.Do("GET", "n"))
	must(err)
	expect(n, 100)
}

func scripts(c redis.Conn) {
	script := redis.NewScript(1, "return redis.call('INCRBY', KEYS[1], ARGV[1])")
	for i := 1; i <= 3; i++ { // EVALSHA, then EVAL, then EVALSHA
		n, err := redis.Int(script.Do(c, "n", 5))
		must(err)
		expect(n, 5*i)
	}
}

func subscriptions(c redis.Conn) {
	listener := redis.PubSubConn{Conn: pool.Get()}
	defer listener.Close()
	must(listener.Subscribe("news"))
	must(listener.PSubscribe("n*"))
	heard := []string{}
	for len(heard) < 40 {
		switch message := listener.ReceiveWithTimeout(10 * time.Second).(type) {
		case error:
			panic(message)
		case redis.Subscription:
			if message.Count == 2 {
				for i := 0; i < 20; i++ {
					_, err := c.Do("PUBLISH", "news", strconv.Itoa(i))
					must(err)
				}
			}
		case redis.Message:
			heard = append(heard, message.Pattern+string(message.Data))
		}
	}
	expect(strings.Join(heard[:4], " "), "0 n*0 1 n*1")
	must(listener.Unsubscribe())
	must(listener.PUnsubscribe())
}

func waiting(c redis.Conn) {
	waiter := pool.Get()
	defer waiter.Close()
	got := make(chan []string)
	go func() {
		reply, err := redis.Strings(redis.DoWithTimeout(waiter, 20*time.Second, "BLPOP", "l", 10))
		must(err)
		got <- reply
	}()
	for {
		info, err := redis.String(c.Do("INFO", "clients"))
		must(err)
		if strings.Contains(info, "blocked_clients:1") {
			break
		}
	}
	_, err := c.Do("RPUSH", "l", "v")
	must(err)
	expect(<-got, "[l v]")
}

func main() {
	check("values, maps, structs, errors", values)
	check("pipelines and transactions", pipelines)
	check("a watched counter under contention", watched)
	check("scripts", scripts)
	check("publish and subscribe", subscriptions)
	check("waiting for an element", waiting)
	fmt.Println("done")
}
