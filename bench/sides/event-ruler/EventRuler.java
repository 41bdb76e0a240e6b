import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import software.amazon.event.ruler.Machine;

/**
 * aws/event-ruler, in one thread. Prints its outcome as the other sides do.
 *
 *     EventRuler.java <file of events> <how many> <file of rules> <how many> <seconds> default|steps-and-reuse
 */
public class EventRuler {
    private static final int CHUNK_EVENTS = 200;

    /** Events matched over and over until the JIT has compiled what they need. */
    private static final int WARM_UP_EVENTS = 20_000;

    /** The best of them counts, of every side. */
    private static final int PASSES_MIN = 2;

    public static void main(String[] args) throws Exception {
        List<String> events = firstLines(args[0], Integer.parseInt(args[1]));
        double seconds = Double.parseDouble(args[4]);
        boolean stepsAndReuse = args[5].equals("steps-and-reuse");
        Machine machine = Machine.builder()
            .withStructuredMatching(!stepsAndReuse)
            .withAdditionalNameStateReuse(stepsAndReuse)
            .build();
        int number = 0;
        for (String rule : firstLines(args[2], Integer.parseInt(args[3]))) machine.addRule("rule-" + number++, rule);

        List<String> warmUp = events.subList(0, Math.min(WARM_UP_EVENTS, events.size()));
        for (long endNs = nanosecondsFromNow(seconds * 0.5); System.nanoTime() < endNs; ) pass(machine, warmUp);

        int[] matches = {};
        double perSecond = 0;
        long endNs = nanosecondsFromNow(seconds * 0.25);
        for (int passes = 0; passes < PASSES_MIN || System.nanoTime() < endNs; passes++) {
            long startNs = System.nanoTime();
            matches = pass(machine, events);
            perSecond = Math.max(perSecond, events.size() * 1e9 / (System.nanoTime() - startNs));
        }
        StringJoiner counts = new StringJoiner(",", "[", "]");
        for (int count : matches) counts.add(Integer.toString(count));
        System.out.println("{\"perSecond\":" + perSecond + ",\"matches\":" + counts + "}");
    }

    private static long nanosecondsFromNow(double seconds) {
        return System.nanoTime() + (long) (seconds * 1e9);
    }

    /** The number of matches in each chunk of the events. */
    private static int[] pass(Machine machine, List<String> events) throws Exception {
        int[] matches = new int[(events.size() + CHUNK_EVENTS - 1) / CHUNK_EVENTS];
        for (int i = 0; i < events.size(); i++) {
            matches[i / CHUNK_EVENTS] += machine.rulesForJSONEvent(events.get(i)).size();
        }
        return matches;
    }

    private static List<String> firstLines(String file, int count) throws Exception {
        List<String> lines = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(Path.of(file))) {
            for (String line; lines.size() < count && (line = reader.readLine()) != null; ) lines.add(line);
        }
        return lines;
    }
}
