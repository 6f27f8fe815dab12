#include "persist/held_trie.h"

namespace torc {
namespace {

class HeldTrie final : public HeldValue {
 public:
  HeldTrie(const RecordTrie& trie, TrieRecords records) : trie_(trie.Clone()), records_(records) {}

  bool SaveSome(RdbWriter& writer, size_t bytes_max) override {
    constexpr size_t kStepRecords = 64;
    if (!begun_) writer.Length(trie_.size());
    begun_ = true;
    const size_t end = writer.out().size() + bytes_max;
    bool more = true;
    while (more && writer.out().size() < end) {
      more = trie_.DrainSome(kStepRecords, [&](const RecordView& leaf, RecordView::Place at) {
        WriteElement(leaf.Key(at), writer);
        if (records_ == TrieRecords::kKeysAndValues) WriteElement(leaf.Value(at), writer);
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
