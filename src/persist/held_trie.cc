#include "persist/held_trie.h"

namespace torc {
namespace {

// What an element costs, however well it compresses.
size_t WorkBytes(const CompactElement& element) {
  return sizeof(int64_t) + (element.is_integer ? 0 : element.text.size());
}

class HeldTrie final : public HeldValue {
 public:
  HeldTrie(const RecordTrie& trie, TrieRecords records) : trie_(trie.Clone()), records_(records) {}

  bool SaveSome(RdbWriter& writer, size_t bytes_max) override {
    if (!begun_) writer.Length(trie_.size());
    begun_ = true;
    size_t done_bytes = 0;
    const auto write = [&](const CompactElement& element) {
      done_bytes += WorkBytes(element);
      WriteElement(element, writer);
    };
    bool more = true;
    while (more && done_bytes < bytes_max) {
      more = trie_.DrainSome(1, [&](const RecordView& leaf, RecordView::Place at) {
        write(leaf.Key(at));
        if (records_ == TrieRecords::kKeysAndValues) write(leaf.Value(at));
      });
    }
    return more;
  }
  bool FreeSome(size_t items_max) override { return trie_.FreeSome(items_max); }

 private:
  RecordTrie trie_;
  TrieRecords records_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<HeldValue> HoldTrie(const RecordTrie& trie, TrieRecords records) {
  return std::make_unique<HeldTrie>(trie, records);
}

void WriteElement(const CompactElement& element, RdbWriter& writer) {
  element.is_integer ? writer.IntegerString(element.integer) : writer.String(element.text);
}

}  // namespace torc
