/* Two nodes append to the journal on PostgreSQL: the lock, a holder that stops, a commit whose outcome is unknown, a reader without a lock.
   What is modelled is PostgresWriter (Transact, Attempts), UnknownCommit, and what the server does. README.md beside this file has the switches.

   Node 1 is asked for the appends 1 and 3, node 2 for 2 and 1: the client of append 1 repeats it by way of the other node. Appends 1 and 2
   have a condition that only one of them can meet (Condition.PathFree). A node is as slow as it likes: it may be frozen at every step, and
   for ever where it says so. */

#ifndef CONNECTIONS
#define CONNECTIONS 4 /* of each node, one after the other */
#endif
#define SESSIONS (2 * CONNECTIONS + 1)
#define APPENDS 3
#define SEQUENCES 5

/* A session of the server. */
#define IDLE 0
#define LOCKED 1    /* in its transaction, with the lock, waiting for the next message */
#define VISIBLE 2   /* committed: others see it, the lock is still held */
#define COMMITTED 3 /* the lock is let go; the answer may be on its way */
#define ENDED 4     /* by the server, or because the connection broke: rolled back, the lock let go */
byte session[SESSIONS];
byte sentId[SESSIONS]; byte sentAt[SESSIONS]; /* writes and COMMIT that were sent to it, if any */
byte lock = 0;
byte log[SEQUENCES];                          /* what every snapshot from now on sees: the append at each sequence */
#ifdef DRAWNUMBERS
byte drawn = 0;
#endif
byte wrote[3];                                /* by node: which appends its sessions committed, as bits */
byte denied[3];                               /* by node: which appends it answered as not written, as bits */

#define THERE(id) (log[1] == (id) || log[2] == (id) || log[3] == (id) || log[4] == (id))
#define HEAD (log[4] -> 4 : (log[3] -> 3 : (log[2] -> 2 : (log[1] -> 1 : 0))))
#define BIT(id) (1 << (id))

/* The invariants. Each is a name that is never true: whoever gets to its assertion has broken it, and pan prints the name. */
hidden byte sequenceHasNoGap, readerMissesNothing, answeredIsThere, deniedIsNotThere, conditionsHold, noStatementFails;

active proctype Monitor()
{
end:
	do
	:: atomic { (denied[1] & wrote[1]) || (denied[2] & wrote[2]) -> assert(deniedIsNotThere) }
	:: atomic { THERE(1) && THERE(2) -> assert(conditionsHold) }
	:: atomic { (log[2] && !log[1]) || (log[3] && !log[2]) || (log[4] && !log[3]) -> assert(sequenceHasNoGap) }
	od
}

/* PostgresReaders, JournalFeed: what comes after the last that was seen, without a lock. */
active proctype Reader()
{
	byte after = 0; byte last;
end:
	do
	:: d_step { HEAD > after -> last = HEAD;
		do
		:: after < last -> after++; if :: !log[after] -> assert(readerMissesNothing) :: else fi
		:: else -> break
		od; last = 0 }
	od
}

active proctype Server() /* only the holder of the lock is in a transaction */
{
	byte node;
end:
	do
	/* What was sent arrives and is executed. Sequence and append id are unique. */
	:: atomic { lock && session[lock] == LOCKED && sentId[lock] ->
		if
		:: log[sentAt[lock]] || THERE(sentId[lock]) ->
			assert(noStatementFails); /* a refusal comes from reading */
			session[lock] = ENDED; lock = 0
		:: else ->
			log[sentAt[lock]] = sentId[lock]; session[lock] = VISIBLE;
			node = (lock > CONNECTIONS -> 2 : 1); wrote[node] = wrote[node] | BIT(sentId[lock]); node = 0
		fi }
	/* Only then is the lock let go. */
	:: atomic { lock && session[lock] == VISIBLE -> session[lock] = COMMITTED; lock = 0 }
#ifndef NOTIMEOUT
	/* idle_in_transaction_session_timeout, or a broken connection, before anything arrived: rolled back. */
	:: atomic { lock && session[lock] == LOCKED -> session[lock] = ENDED; lock = 0 }
#endif
	od
}

#ifdef RETRYBLINDLY
#define UNSEEN true
#else
#define UNSEEN (!found)
#endif
#ifdef DRAWNUMBERS
#define NUMBER (number) /* a sequence object: drawn before the lock */
#else
#define NUMBER (head + 1)
#endif

#ifdef LOCKANDCHECK
#define EARLYSNAPSHOT /* of the statement that then waits for the lock */
#endif
#ifdef REPEATABLEREAD
#define EARLYSNAPSHOT /* of the first statement, which waits for the lock */
#endif

inline readFacts()
{
	head = HEAD; free = !(THERE(1) || THERE(2)); found = THERE(id)
}

inline letGo() /* ROLLBACK, unless the server was first */
{
	if :: session[s] == LOCKED -> session[s] = ENDED; lock = 0 :: else fi
}

inline answerWritten()
{
	if :: !THERE(id) -> assert(answeredIsThere) :: else fi;
	goto next
}

inline answerNotWritten()
{
	denied[n] = denied[n] | BIT(id);
	goto next
}

proctype Node(byte n)
{
	byte id = 0; byte used = 0; byte s = 0; byte head = 0; bit free = 0; bit found = 0; bit doubt = 0; bit second = 0;
#ifdef DRAWNUMBERS
	byte number = 0;
#endif
next:
	atomic { head = 0; free = 0; found = 0; doubt = 0; s = 0;
		if
		:: !id -> id = n
		:: id == n && !second -> id = (n == 1 -> 3 : 1); second = 1
		:: else -> goto stopped
		fi };

transact: /* PostgresWriter.Transact */
	atomic { head = 0; free = 0; found = 0;
		if
		:: used < CONNECTIONS -> used++; s = (n - 1) * CONNECTIONS + used
		:: used == CONNECTIONS && doubt -> goto next        /* FateUnknown: that is the answer */
		:: used == CONNECTIONS && !doubt -> answerNotWritten() /* "cannot be reached; nothing was written" */
		fi;
#ifdef LOOKWITHOUTLOCK
		if :: doubt && !THERE(id) -> answerNotWritten() :: else fi;
#endif
#ifdef EARLYSNAPSHOT
		readFacts();
#endif
#ifdef DRAWNUMBERS
		if :: drawn < SEQUENCES - 1 -> drawn++; number = drawn :: else -> goto stopped fi
#endif
	};
	/* The lock, alone in its statement. */
	atomic { !lock -> lock = s; session[s] = LOCKED };
	/* The facts; or the node stops for good, with the lock in its hand. */
	if
	:: atomic { session[s] == LOCKED ->
#ifndef EARLYSNAPSHOT
		readFacts()
#endif
#ifdef LOCKANDCHECK
		head = HEAD
#endif
	   }
	:: atomic { session[s] == ENDED -> goto transact } /* nothing was sent: try again */
	:: goto stopped
	fi;
	/* UnknownCommit.IsIn, BatchDecider.Decide: in the log already, refused, or to be written. */
	atomic {
		if
#ifndef RETRYBLINDLY
		:: found -> letGo(); answerWritten()
#endif
		:: UNSEEN && id != 3 && !free -> letGo(); answerNotWritten() /* Refused */
		:: UNSEEN && (id == 3 || free) -> sentId[s] = id; sentAt[s] = NUMBER; head = 0; free = 0
		fi };
	/* Writes and COMMIT have left in one go. */
	if
	:: atomic { session[s] == COMMITTED -> answerWritten() }
	:: atomic { session[s] != COMMITTED ->  /* the connection broke, whatever becomes of what was sent */
#ifdef DENYBLINDLY
		answerNotWritten()
#else
		doubt = 1; goto transact
#endif
	   }
	fi;
stopped:
	skip
}

init { atomic { run Node(1); run Node(2) } }
