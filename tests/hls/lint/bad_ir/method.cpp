// A virtual call that no optimisation resolves.
// expect: indirect_calls
struct Shape {
  virtual int area() const;
};
extern "C" void top(const Shape *shape, int *out) { *out = shape->area(); }
